//! Ringing: persistent, mandatory, confirmed. Success is exactly an ack without a returned message.

use super::{
    ANSWER_TIMEOUT, Bell, Names,
    connection::{BrokerError, Session, bounded},
};
use crate::{domain::job::Lane, telemetry::traceparent};
use lapin::{
    BasicProperties, Channel, Confirmation,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::{AMQPValue, FieldTable},
};

/// A channel in confirm mode.
pub struct Publisher {
    channel: Channel,
    names: Names,
}

/// What became of a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rung {
    Confirmed,
    /// No queue took it: the topology is missing.
    Unroutable,
    Refused,
}

impl Publisher {
    pub async fn open(session: &Session, names: Names) -> Result<Self, BrokerError> {
        let channel = session.open_channel().await?;
        bounded("asking for confirms", channel.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(Self { channel, names })
    }

    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Sends one bell and returns its confirm still to be awaited, so that many can be on their way at once.
    pub async fn send(
        &self,
        lane: Lane,
        bell: &Bell,
        trace: Option<&str>,
    ) -> Result<impl Future<Output = lapin::Result<Confirmation>> + use<>, BrokerError> {
        let mut headers = FieldTable::default();
        if let Some(trace) = trace {
            headers.insert(traceparent::HEADER.into(), AMQPValue::LongString(trace.into()));
        }
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type("application/json".into())
            .with_message_id(bell.job_id.to_string().into())
            .with_headers(headers);
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let exchange = self.names.jobs_exchange();
        let payload = bell.encode();
        let sent = self.channel.basic_publish(exchange.into(), lane.as_str().into(), options, &payload, properties);
        bounded("publishing", sent).await
    }

    /// Awaits a confirm. A timeout means unknown: the message may be delivered later, and finds nothing to take.
    pub async fn confirmed(
        &self,
        confirm: impl Future<Output = lapin::Result<Confirmation>>,
    ) -> Result<Rung, BrokerError> {
        let confirmation = tokio::time::timeout(ANSWER_TIMEOUT, confirm)
            .await
            .map_err(|_| BrokerError::Timeout("waiting for a confirm"))?
            .map_err(|source| BrokerError::Lapin { doing: "waiting for a confirm", source })?;
        Ok(match confirmation {
            Confirmation::Ack(None) => Rung::Confirmed,
            Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => Rung::Unroutable,
            Confirmation::Nack(None) | Confirmation::NotRequested => Rung::Refused,
        })
    }
}
