//! Exchanges and queues: one quorum queue a lane, one dead-letter queue beside each.

use super::connection::{BrokerError, bounded};
use crate::domain::job::Lane;
use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

/// The broker's count of returns must mean nothing: without an argument, RabbitMQ 4 sets a message aside after 20, and a
/// bell is given back whenever nothing may be run. The 4.x word for "no limit", -1, means 0 to RabbitMQ 3; a number that
/// is never reached means the same to both.
const UNREACHED: i32 = i32::MAX;

/// The names of everything that stands in the broker for one installation.
#[derive(Debug, Clone)]
pub struct Names {
    prefix: String,
}

impl Names {
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    pub fn jobs_exchange(&self) -> String {
        format!("{}.jobs", self.prefix)
    }

    pub fn dead_exchange(&self) -> String {
        format!("{}.dead", self.prefix)
    }

    pub fn queue(&self, lane: Lane) -> String {
        format!("{}.{lane}", self.prefix)
    }

    pub fn dead_queue(&self, lane: Lane) -> String {
        format!("{}.{lane}.dead", self.prefix)
    }
}

/// Declares everything; what stands already is left as it is.
///
/// # Errors
/// [`BrokerError`] also when a queue of that name stands with other arguments.
pub async fn declare(channel: &Channel, names: &Names) -> Result<(), BrokerError> {
    declare_exchange(channel, &names.jobs_exchange()).await?;
    declare_exchange(channel, &names.dead_exchange()).await?;
    for lane in Lane::ALL {
        let mut arguments = quorum();
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(UNREACHED));
        arguments.insert("x-dead-letter-exchange".into(), long_string(&names.dead_exchange()));
        arguments.insert("x-dead-letter-routing-key".into(), long_string(lane.as_str()));
        declare_queue(channel, &names.queue(*lane), &names.jobs_exchange(), lane.as_str(), arguments).await?;
        declare_queue(channel, &names.dead_queue(*lane), &names.dead_exchange(), lane.as_str(), quorum()).await?;
    }
    Ok(())
}

// Quorum queues survive a broker restart; classic mirrored queues are gone in 4.x.
fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), long_string("quorum"));
    arguments
}

fn long_string(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

async fn declare_exchange(channel: &Channel, name: &str) -> Result<(), BrokerError> {
    let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let declared = channel.exchange_declare(name.into(), ExchangeKind::Direct, options, FieldTable::default());
    bounded("declaring an exchange", declared).await
}

async fn declare_queue(
    channel: &Channel,
    queue: &str,
    exchange: &str,
    routing_key: &str,
    arguments: FieldTable,
) -> Result<(), BrokerError> {
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    bounded("declaring a queue", channel.queue_declare(queue.into(), options, arguments)).await?;
    let bound = channel.queue_bind(
        queue.into(),
        exchange.into(),
        routing_key.into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    );
    bounded("binding a queue", bound).await
}
