//! One batch: claim, publish, await the confirms, note. No transaction is open while the broker is spoken to.

use crate::{
    broker::{Bell, BrokerError, Publisher, Rung},
    store::{
        StoreError,
        jobs::{self, DueJob},
    },
    telemetry::{metrics::RELAY_PUBLISHED_TOTAL, traceparent},
};
use sqlx::PgPool;
use tracing::Instrument;

const BATCH: i64 = 200;

pub(super) enum Batch {
    /// As many as a batch holds: there may be more.
    Full,
    Last,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum RingError {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RingError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

pub(super) async fn ring_batch(pool: &PgPool, publisher: &Publisher) -> Result<Batch, RingError> {
    let due = jobs::claim_to_ring(&mut *pool.acquire().await?, BATCH).await?;
    if due.is_empty() {
        return Ok(Batch::Last);
    }
    let published = publish(publisher, &due).await;
    let (rung, failed): (Vec<_>, Vec<_>) =
        due.iter().zip(&published).partition(|(_, published)| matches!(published, Ok(Rung::Confirmed)));
    metrics::counter!(RELAY_PUBLISHED_TOTAL).increment(rung.len() as u64);
    let mut conn = pool.acquire().await?;
    jobs::note_rung(&mut conn, &rung.iter().map(|(job, _)| (job.id, job.due_at)).collect::<Vec<_>>()).await?;
    if !failed.is_empty() {
        jobs::release_claims(&mut conn, &failed.iter().map(|(job, _)| job.id).collect::<Vec<_>>()).await?;
        // Unroutable or refused: the topology is gone, so start over and declare it.
        return Err(published
            .into_iter()
            .find_map(Result::err)
            .unwrap_or(BrokerError::Timeout("routing a message"))
            .into());
    }
    Ok(if due.len() as i64 == BATCH { Batch::Full } else { Batch::Last })
}

/// All are sent before the first confirm is awaited; a batch costs one round trip, not one each.
async fn publish(publisher: &Publisher, due: &[DueJob]) -> Vec<Result<Rung, BrokerError>> {
    let mut confirms = Vec::with_capacity(due.len());
    for job in due {
        confirms.push(send(publisher, job).await);
    }
    let mut rung = Vec::with_capacity(due.len());
    for confirm in confirms {
        rung.push(match confirm {
            Ok(confirm) => publisher.confirmed(confirm).await,
            Err(error) => Err(error),
        });
    }
    rung
}

async fn send(
    publisher: &Publisher,
    job: &DueJob,
) -> Result<impl Future<Output = lapin::Result<lapin::Confirmation>> + use<>, BrokerError> {
    let bell = Bell { job_id: job.id, kind: job.kind };
    let span = tracing::info_span!(
        "job.publish",
        otel.kind = "producer",
        messaging.system = "rabbitmq",
        messaging.operation.r#type = "send",
        messaging.destination.name = job.lane.as_str(),
        messaging.message.id = %job.id,
        job.kind = job.kind.as_str(),
    );
    if let Some(trace) = &job.traceparent {
        traceparent::continue_from(&span, trace);
    }
    async { publisher.send(job.lane, &bell, traceparent::current().as_deref()).await }.instrument(span).await
}
