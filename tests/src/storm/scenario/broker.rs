//! The broker is killed, loses everything, or takes no messages.

use std::time::Duration;

use anyhow::Result;
use lapin::{Connection, ConnectionProperties, options::QueueDeclareOptions, types::FieldTable};
use makerlab_shared::{broker::Names, domain::job::Lane};
use tokio::time::{Instant, sleep};

use super::{PATIENCE, Recovery, Stage, through::one_goes_through};
use crate::{lab::RabbitMq, stack::until, storm::ground::QUEUE_PREFIX};

const DOWN: Duration = Duration::from_secs(2);
/// A queue younger than this may come back from a kill without a leader.
const REST: Duration = Duration::from_secs(6);

/// From the moment in which the node is ready until all workers consume again and a requisition has gone through. The
/// second bell would ring too late for it.
pub async fn kill(stage: &mut Stage) -> Result<Recovery> {
    sleep(REST).await;
    stage
        .ground
        .with_broker(|broker| {
            broker.kill();
            Ok(())
        })
        .await?;
    sleep(DOWN).await;
    stage.ground.with_broker(RabbitMq::start_again).await?;
    consuming_again(stage).await
}

/// The same; nothing of what was declared is left.
pub async fn wipe(stage: &mut Stage) -> Result<Recovery> {
    sleep(REST).await;
    stage.ground.with_broker(RabbitMq::wipe).await?;
    consuming_again(stage).await
}

/// How long a requisition takes during the alarm.
pub async fn alarm(stage: &mut Stage) -> Result<Recovery> {
    set_memory_limit(stage, "0").await?;
    let took = one_goes_through(stage).await?;
    set_memory_limit(stage, "0.4").await?;
    Ok(Recovery::of(took))
}

async fn consuming_again(stage: &Stage) -> Result<Recovery> {
    let back = Instant::now();
    let url = stage.ground.services.rabbitmq.amqp_url();
    let has_consumers = async || (count_consumers(&url).await? >= stage.ground.stack.workers.len()).then_some(());
    until("all workers consume again", PATIENCE, has_consumers).await?;
    // Consumers that are counted may be those of before the kill: what comes through proves that they hear.
    one_goes_through(stage).await?;
    Ok(Recovery::of(back.elapsed()))
}

async fn count_consumers(url: &str) -> Option<usize> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.ok()?;
    let channel = connection.create_channel().await.ok()?;
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let queue = Names::new(QUEUE_PREFIX).queue(Lane::Counter);
    let queue = channel.queue_declare(queue.into(), passive, FieldTable::default()).await.ok()?;
    usize::try_from(queue.consumer_count()).ok()
}

/// As a part of the machine's memory; at 0, whatever the broker uses is too much.
async fn set_memory_limit(stage: &Stage, part: &'static str) -> Result<()> {
    stage.ground.with_broker(move |broker| broker.control(&["set_vm_memory_high_watermark", part]).map(drop)).await
}
