//! One connection and its channels, every await bounded.

use super::ANSWER_TIMEOUT;
use lapin::{Channel, Connection, ConnectionProperties};
use secrecy::{ExposeSecret, SecretString};
use std::{future::Future, time::Duration};

/// A frozen broker is noticed after two of these.
const HEARTBEAT_SECONDS: u16 = 10;
/// A bell has a hundred bytes. The client keeps room for 64 frames of the agreed size per connection: with RabbitMQ's
/// 128 KiB that is 8 MiB each. The least that AMQP 0.9.1 and RabbitMQ 4 allow is 4 and 8 KiB; longer bodies are split.
const FRAME_BYTES: u32 = 8192;

#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    #[error("the broker said no or went away while {doing}")]
    Lapin {
        doing: &'static str,
        #[source]
        source: lapin::Error,
    },
    #[error("the broker did not answer within {ANSWER_TIMEOUT:?} while {0}")]
    Timeout(&'static str),
    #[error("no queue took a message; the queues are declared again")]
    NotTaken,
}

/// An open connection. Dropping it drops everything made of it.
pub struct Session {
    connection: Connection,
}

/// Opens a connection under a name that operators see.
///
/// # Errors
/// [`BrokerError`] when there is no broker, it refuses, or it does not answer in time.
pub async fn connect(url: &SecretString, name: &str) -> Result<Session, BrokerError> {
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let url = with_our_terms(url.expose_secret());
    let connection = bounded("connecting", Connection::connect(&url, properties)).await?;
    Ok(Session { connection })
}

impl Session {
    pub async fn open_channel(&self) -> Result<Channel, BrokerError> {
        bounded("opening a channel", self.connection.create_channel()).await
    }

    pub fn is_open(&self) -> bool {
        self.connection.status().connected()
    }

    /// Says goodbye; a broker that does not answer is left.
    pub async fn close(self) {
        let goodbye = self.connection.close(200, "goodbye".into());
        if tokio::time::timeout(Duration::from_secs(2), goodbye).await.is_err() {
            tracing::debug!("The broker did not say goodbye in time");
        }
    }
}

/// Awaits the broker, but not for ever.
pub(super) async fn bounded<T>(
    doing: &'static str,
    answer: impl Future<Output = Result<T, lapin::Error>>,
) -> Result<T, BrokerError> {
    match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(source)) => Err(BrokerError::Lapin { doing, source }),
        Err(_) => Err(BrokerError::Timeout(doing)),
    }
}

/// What the URL does not say itself.
fn with_our_terms(url: &str) -> String {
    let terms = [("heartbeat", u32::from(HEARTBEAT_SECONDS)), ("frame_max", FRAME_BYTES)];
    terms.into_iter().fold(url.to_owned(), |url, (name, value)| {
        let separator = if url.contains('?') { '&' } else { '?' };
        if url.contains(&format!("{name}=")) { url } else { format!("{url}{separator}{name}={value}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_terms_stand_in_the_url_unless_it_has_its_own() {
        assert_eq!(with_our_terms("amqp://lab/%2f"), "amqp://lab/%2f?heartbeat=10&frame_max=8192");
        assert_eq!(with_our_terms("amqp://lab/%2f?heartbeat=60"), "amqp://lab/%2f?heartbeat=60&frame_max=8192");
    }
}
