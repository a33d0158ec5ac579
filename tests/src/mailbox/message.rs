//! A received message, decoded as a mail program would.

use mailparse::{MailHeaderMap, ParsedMail};
use serde::Serialize;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) from: String,
    pub(super) to: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Counts from 1 in the order of arrival, and is not reused after a clear.
    pub id: u32,
    /// From the envelope: who it was really sent by and to.
    pub envelope_from: String,
    pub envelope_to: Vec<String>,
    /// From the headers, decoded.
    pub from: String,
    pub to: String,
    pub subject: String,
    pub message_id: String,
    pub text: String,
    pub html: String,
    /// Every header in its order, decoded.
    pub headers: Vec<(String, String)>,
    /// As it came over the wire.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

impl Message {
    pub(super) fn read(id: u32, envelope: Envelope, raw: Vec<u8>) -> Self {
        let mut message = match mailparse::parse_mail(&raw) {
            Ok(parsed) => Self::decoded(&parsed),
            // Kept all the same: a test that looks for it should see what came.
            Err(error) => Self::empty(format!("unreadable message: {error}")),
        };
        message.id = id;
        message.envelope_from = envelope.from;
        message.envelope_to = envelope.to;
        message.raw = raw;
        message
    }

    /// Whether it was sent to this address.
    pub fn is_to(&self, address: &str) -> bool {
        self.envelope_to.iter().any(|to| to.eq_ignore_ascii_case(address))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let is_named = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        self.headers.iter().find(is_named).map(|(_, value)| value.as_str())
    }

    fn decoded(parsed: &ParsedMail<'_>) -> Self {
        let header = |name| parsed.headers.get_first_value(name).unwrap_or_default();
        Self {
            from: header("From"),
            to: header("To"),
            message_id: header("Message-ID"),
            text: body_of(parsed, "text/plain"),
            html: body_of(parsed, "text/html"),
            headers: parsed.headers.iter().map(|h| (h.get_key(), h.get_value())).collect(),
            ..Self::empty(header("Subject"))
        }
    }

    fn empty(subject: String) -> Self {
        Self {
            id: 0,
            envelope_from: String::new(),
            envelope_to: vec![],
            from: String::new(),
            to: String::new(),
            subject,
            message_id: String::new(),
            text: String::new(),
            html: String::new(),
            headers: vec![],
            raw: vec![],
        }
    }
}

/// The first part of this type, line ends as the program that reads it has them.
fn body_of(parsed: &ParsedMail<'_>, mimetype: &str) -> String {
    parsed
        .parts()
        .find(|part| part.ctype.mimetype == mimetype)
        .and_then(|part| part.get_body().ok())
        .map(|body| body.replace("\r\n", "\n"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_decoded_as_a_mail_program_would() {
        let raw = b"From: Lab <lab@lab.example>\r\nTo: ana@lab.example\r\n\
            Subject: =?utf-8?b?UmVxdWlzacOnw6Nv?=\r\nMessage-ID: <1@lab.example>\r\n\
            Content-Type: multipart/alternative; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\nOl=C3=A1\r\n\
            --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>hi</p>\r\n--b--\r\n";

        let message = Message::read(1, Envelope::default(), raw.to_vec());

        assert_eq!(message.subject, "Requisição");
        assert_eq!(message.message_id, "<1@lab.example>");
        assert_eq!((message.text.trim(), message.html.trim()), ("Olá", "<p>hi</p>"));
    }
}
