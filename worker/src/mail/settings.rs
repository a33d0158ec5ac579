//! What the operator says about e-mail. Every error names the variable; none repeats its value, for it may hold a password.

use std::time::Duration;

use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};

use super::server::MailServer;

#[derive(Debug, Clone)]
pub struct MailSettings {
    /// `SMTP_URL`: `smtps://…`, or `smtp://…` with `?tls=required`, `opportunistic` or `none`.
    pub url: SecretString,
    /// `MAIL_FROM`: `MakerLab <makerlab@lab.example>` or the address alone.
    pub from: String,
    /// `SMTP_TIMEOUT`: for everything that one delivery does.
    pub timeout: Duration,
}

impl MailSettings {
    /// Shorter than the default lease of a job, so that it need not be prolonged.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);

    pub(super) fn server(&self) -> Result<MailServer, MailSettingsError> {
        MailServer::parse(self.url.expose_secret())
    }

    pub(super) fn checked_timeout(&self) -> Result<Duration, MailSettingsError> {
        if self.timeout.is_zero() { Err(MailSettingsError::Timeout) } else { Ok(self.timeout) }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum MailSettingsError {
    #[error("SMTP_URL is not a URL; write smtps://user:password@mail.example or smtp://mail.example?tls=required")]
    Url(#[source] url::ParseError),
    #[error("SMTP_URL must begin with smtp:// or smtps://")]
    Scheme,
    #[error("SMTP_URL names no host")]
    Host,
    #[error("SMTP_URL has an unknown tls parameter; use tls=required, tls=opportunistic or tls=none")]
    Encryption,
    #[error("SMTP_URL needs a user name and a password, or neither, percent-encoded as UTF-8")]
    Credentials,
    #[error(
        "SMTP_URL would send a password unencrypted; use smtps:// or ?tls=required, or say ?tls=none if you mean it"
    )]
    PasswordInClear,
    #[error("SMTP_URL names a host for which TLS cannot be prepared")]
    Tls(#[source] lettre::transport::smtp::Error),
    #[error("MAIL_FROM is not an address; write MakerLab <makerlab@lab.example>")]
    From,
    #[error("SMTP_TIMEOUT must be longer than nothing")]
    Timeout,
}

/// Who our letters come from. Its domain is also the right-hand side of every Message-ID: changing it in the
/// middle of a resend is the one way to make a letter look new.
#[derive(Debug, Clone)]
pub struct Sender(Mailbox);

impl Sender {
    pub fn parse(text: &str) -> Result<Self, MailSettingsError> {
        let mailbox: Mailbox = text.trim().parse().map_err(|_| MailSettingsError::From)?;
        let whole = mailbox.to_string();
        if whole.chars().any(char::is_control) || !mailbox.email.to_string().is_ascii() {
            return Err(MailSettingsError::From);
        }
        Ok(Self(mailbox))
    }

    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }

    pub(super) fn mailbox(&self) -> Mailbox {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        assert_eq!(Sender::parse("MakerLab <makerlab@lab.example>").unwrap().domain(), "lab.example");
        assert_eq!(Sender::parse(" makerlab@lab.example ").unwrap().domain(), "lab.example");
    }

    #[test]
    fn a_sender_that_is_no_address_is_refused_by_the_name_of_its_variable() {
        for text in
            ["", "MakerLab", "lab@", "MakerLab <lab@lab.example>\r\nBcc: eve@lab.example", "a@b.example, c@d.example"]
        {
            let error = Sender::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("MAIL_FROM"), "{text:?}: {error}");
        }
    }
}
