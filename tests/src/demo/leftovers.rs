//! Our queues and exchanges in a broker that was given.

use std::time::Duration;

use anyhow::{Context, Result};
use lapin::{
    Connection, ConnectionProperties,
    options::{ExchangeDeleteOptions, QueueDeleteOptions},
};
use makerlab_shared::{broker::Names, domain::job::Lane};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

pub async fn remove(amqp_url: &SecretString, prefix: &str) -> Result<()> {
    let removed = timeout(PATIENCE, remove_all(amqp_url.expose_secret(), &Names::new(prefix))).await;
    let removed = removed.map_err(anyhow::Error::from).flatten();
    removed.with_context(|| format!("the queues {prefix}.* could not be removed from the broker: do it by hand"))
}

async fn remove_all(amqp_url: &str, names: &Names) -> Result<()> {
    let connection = Connection::connect(amqp_url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    for lane in Lane::ALL {
        for queue in [names.queue(*lane), names.dead_queue(*lane)] {
            channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await?;
        }
    }
    for exchange in [names.jobs_exchange(), names.dead_exchange()] {
        channel.exchange_delete(exchange.into(), ExchangeDeleteOptions::default()).await?;
    }
    Ok(connection.close(200, "done".into()).await?)
}
