//! Handing a letter to the mail server, and knowing how far it got.
//!
//! lettre's `send` reports an I/O error without saying whether the text had left. Here the two halves are driven apart:
//! until the server says 354 nothing can have been accepted, from the first byte of the text on it may have been.
//! No connection is pooled: a lab sends few letters, and a fresh connection is never half dead.

use std::error::Error as _;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use makerlab_shared::crash::{self, CrashPoint};
use makerlab_shared::domain::notification::Delivery;
use makerlab_shared::domain::person::EmailAddress;
use tokio::time::{Instant, timeout, timeout_at};

use super::compose::one_line;
use super::letter::Letter;
use super::server::MailServer;
use super::settings::{MailSettings, MailSettingsError, Sender};

/// A courtesy; the letter's fate is known by then.
const FAREWELL: Duration = Duration::from_secs(1);
const LONGEST_ANSWER: usize = 300;

#[derive(Debug, Clone)]
pub struct MailTransport {
    server: MailServer,
    sender: Sender,
    timeout: Duration,
}

impl MailTransport {
    pub fn from_settings(settings: &MailSettings) -> Result<Self, MailSettingsError> {
        Ok(Self {
            server: settings.server()?,
            sender: Sender::parse(&settings.from)?,
            timeout: settings.checked_timeout()?,
        })
    }

    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// The longest that one delivery may take, the farewell included.
    pub fn longest_delivery(&self) -> Duration {
        self.timeout + FAREWELL
    }

    /// Never an error: whatever happens is one of four things, within the timeout (and a second for the farewell).
    #[tracing::instrument(name = "mail.send", skip_all, fields(mail.message_id = letter.message_id()))]
    pub async fn deliver(&self, letter: &Letter) -> Delivery {
        let delivery = self.attempt(letter).await;
        without_address(delivery, letter.to())
    }

    async fn attempt(&self, letter: &Letter) -> Delivery {
        let text = letter.message().formatted();
        let deadline = Instant::now() + self.timeout;
        // Half the time at least is kept for the text: a slow greeting must not turn into an unknown outcome.
        let opened = timeout(self.timeout / 2, self.open(letter.message().envelope())).await;
        let mut connection = match opened {
            Ok(Ok(connection)) => connection,
            Ok(Err(delivery)) => return delivery,
            Err(_) => return Delivery::TryAgain { why: "the mail server took too long to accept the envelope".into() },
        };
        crash::pass(CrashPoint::MailAddressed);
        match timeout_at(deadline, connection.message(&text)).await {
            Ok(Ok(response)) => {
                crash::pass(CrashPoint::MailAccepted);
                take_leave(connection).await;
                Delivery::Sent { response: response.message().collect::<Vec<_>>().join(" ") }
            }
            Ok(Err(error)) => after_the_text(&error),
            Err(_) => Delivery::Unknown { why: "the mail server did not answer after the text was sent".into() },
        }
    }

    /// Everything up to the server's 354.
    async fn open(&self, envelope: &Envelope) -> Result<AsyncSmtpConnection, Delivery> {
        let mut connection = self.server.connect(self.timeout).await.map_err(|error| refuses_us(&error))?;
        if let Err(delivery) = address(&mut connection, envelope).await {
            take_leave(connection).await;
            return Err(delivery);
        }
        Ok(connection)
    }
}

async fn address(connection: &mut AsyncSmtpConnection, envelope: &Envelope) -> Result<(), Delivery> {
    let sender = Mail::new(envelope.from().cloned(), vec![]);
    connection.command(sender).await.map_err(|error| refuses_us(&error))?;
    for recipient in envelope.to() {
        let recipient = Rcpt::new(recipient.clone(), vec![]);
        connection.command(recipient).await.map_err(|error| before_the_text(&error))?;
    }
    connection.command(Data).await.map_err(|error| before_the_text(&error))?;
    Ok(())
}

async fn take_leave(mut connection: AsyncSmtpConnection) {
    // The outcome is settled; a server that does not say goodbye changes nothing.
    let _ = timeout(FAREWELL, connection.quit()).await;
}

/// Greeting, TLS, login and sender are the same for every letter: a refusal there, even a permanent one, is about
/// this installation. Letters wait for somebody to mend it instead of being lost one by one.
fn refuses_us(error: &Error) -> Delivery {
    Delivery::TryAgain { why: error.to_string() }
}

fn before_the_text(error: &Error) -> Delivery {
    match refused_for_good(error) {
        Some(code) if asks_for_a_login(code) => refuses_us(error),
        Some(code) => Delivery::RefusedForGood { code, text: answer_of(error) },
        None => Delivery::TryAgain { why: error.to_string() },
    }
}

fn after_the_text(error: &Error) -> Delivery {
    match refused_for_good(error) {
        Some(code) => Delivery::RefusedForGood { code, text: answer_of(error) },
        None if error.is_transient() => Delivery::TryAgain { why: error.to_string() },
        None => Delivery::Unknown { why: error.to_string() },
    }
}

fn refused_for_good(error: &Error) -> Option<u16> {
    error.status().filter(|_| error.is_permanent()).map(u16::from)
}

/// RFC 4954: these speak of our login, whatever command they answer.
fn asks_for_a_login(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

fn answer_of(error: &Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Mail servers like to repeat the address; what we keep and log must not.
fn without_address(delivery: Delivery, to: &EmailAddress) -> Delivery {
    let mask = |text: String| masked(&text, to);
    match delivery {
        Delivery::Sent { response } => Delivery::Sent { response: mask(response) },
        Delivery::RefusedForGood { code, text } => Delivery::RefusedForGood { code, text: mask(text) },
        Delivery::TryAgain { why } => Delivery::TryAgain { why: mask(why) },
        Delivery::Unknown { why } => Delivery::Unknown { why: mask(why) },
    }
}

fn masked(text: &str, to: &EmailAddress) -> String {
    let address = to.expose().to_ascii_lowercase();
    let text = one_line(text);
    let lower = text.to_ascii_lowercase();
    let mut shown = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, found) in lower.match_indices(&address) {
        shown.push_str(&text[rest..at]);
        shown.push_str(&to.to_string());
        rest = at + found.len();
    }
    shown.push_str(&text[rest..]);
    shown.chars().take(LONGEST_ANSWER).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipients_address_is_masked_wherever_the_mail_server_repeats_it() {
        let ana = EmailAddress::parse("ana@lab.example").unwrap();

        let shown = masked("5.1.1 <ANA@lab.example>:\r\nno ana@lab.example é", &ana);

        assert_eq!(shown, "5.1.1 <a***@lab.example>: no a***@lab.example é");
    }

    #[test]
    fn a_long_answer_is_cut() {
        let ana = EmailAddress::parse("ana@lab.example").unwrap();

        assert_eq!(masked(&"é".repeat(1000), &ana).chars().count(), LONGEST_ANSWER);
    }
}
