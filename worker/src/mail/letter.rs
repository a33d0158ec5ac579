//! A letter that is ready to be sent: words, envelope, and an identity that survives every resend.

use std::fmt;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use makerlab_shared::domain::person::{EmailAddress, PersonName};
use uuid::Uuid;

use super::compose::{Composed, one_line};
use super::settings::Sender;

/// Who reads it. Prints masked.
#[derive(Debug, Clone)]
pub struct Recipient {
    pub name: PersonName,
    pub address: EmailAddress,
}

/// Built once per attempt from what is stored, always with the same Message-ID and Date for the same notification.
pub struct Letter {
    message_id: String,
    to: EmailAddress,
    message: Message,
}

#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    #[error("the recipient has no address that a mail server would take; it was erased or stored unchecked")]
    Recipient(#[source] lettre::address::AddressError),
    #[error("could not put the letter together")]
    Build(#[from] lettre::error::Error),
}

impl Letter {
    /// `written_at` is when the notification came to be: a resend keeps it, so that both copies are one letter.
    pub fn new(
        notification_id: Uuid,
        written_at: DateTime<Utc>,
        from: &Sender,
        to: &Recipient,
        words: Composed,
    ) -> Result<Self, LetterError> {
        let message_id = format!("<{notification_id}@{}>", from.domain());
        let message = Message::builder()
            .message_id(Some(message_id.clone()))
            .date(SystemTime::from(written_at))
            .from(from.mailbox())
            .to(mailbox_of(to)?)
            .subject(one_line(&words.subject))
            .raw_header(auto_submitted())
            .multipart(MultiPart::alternative_plain_html(words.text, words.html))?;
        Ok(Self { message_id, to: to.address.clone(), message })
    }

    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    pub fn to(&self) -> &EmailAddress {
        &self.to
    }

    pub(super) fn message(&self) -> &Message {
        &self.message
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("message_id", &self.message_id).field("to", &self.to).finish_non_exhaustive()
    }
}

fn mailbox_of(recipient: &Recipient) -> Result<Mailbox, LetterError> {
    let address: Address = recipient.address.expose().parse().map_err(LetterError::Recipient)?;
    let name = Some(one_line(recipient.name.expose())).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address))
}

/// RFC 3834: tells out-of-office programs not to answer a machine.
fn auto_submitted() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Composed {
        Composed {
            subject: "Requisição R-2026-000123 aprovada".into(),
            text: "Olá\n.\nç\n".into(),
            html: "<p>Olá</p>".into(),
        }
    }

    fn letter_to(name: &str, address: &str) -> Result<Letter, LetterError> {
        let from = Sender::parse("MakerLab <makerlab@lab.example>").unwrap();
        let to = Recipient {
            name: PersonName::from_stored(name.into()),
            address: EmailAddress::from_stored(address.into()),
        };
        Letter::new(Uuid::nil(), DateTime::UNIX_EPOCH, &from, &to, words())
    }

    #[test]
    fn the_same_notification_has_the_same_message_id_and_date() {
        let letter = letter_to("Ana", "ana@lab.example").unwrap();

        assert_eq!(letter.message_id(), "<00000000-0000-0000-0000-000000000000@lab.example>");
        let headers = letter.message().headers().to_string();
        assert!(headers.contains("Message-ID: <00000000-0000-0000-0000-000000000000@lab.example>\r\n"), "{headers}");
        assert!(headers.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"), "{headers}");
        assert!(headers.contains("Auto-Submitted: auto-generated\r\n"), "{headers}");
    }

    #[test]
    fn a_letter_is_ascii_on_the_wire_so_that_any_mail_server_takes_it() {
        let letter = letter_to("Ângela", "ana@lab.example").unwrap();

        assert!(letter.message().formatted().is_ascii());
    }

    #[test]
    fn a_letter_prints_neither_its_words_nor_its_recipient() {
        let printed = format!("{:?}", letter_to("Ana", "ana@lab.example").unwrap());

        assert!(printed.contains("a***@lab.example"), "{printed}");
        assert!(!printed.contains("ana@") && !printed.contains("Requisi"), "{printed}");
    }

    #[test]
    fn an_erased_person_gets_no_letter() {
        assert!(matches!(letter_to("", ""), Err(LetterError::Recipient(_))));
    }
}
