//! One batch: claim, publish, await the confirms, note. No transaction is open while the broker is spoken to.

use crate::{
    broker::{Bell, BrokerError, Publisher, Rung},
    crash::{self, CrashPoint},
    domain::id::JobId,
    store::{
        StoreError,
        jobs::{self, DueJob},
    },
    telemetry::{metrics::RELAY_PUBLISHED_TOTAL, traceparent},
};
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
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
    pass(CrashPoint::RelayClaimed, &due);
    let (rung, failed) = sort(&due, publish(publisher, &due).await);
    pass(CrashPoint::RelayConfirmed, &due);
    metrics::counter!(RELAY_PUBLISHED_TOTAL).increment(rung.len() as u64);
    let mut conn = pool.acquire().await?;
    jobs::note_rung(&mut conn, &rung).await?;
    pass(CrashPoint::RelayNoted, &due);
    if let Some(Failed { jobs: not_rung, why }) = failed {
        pass(CrashPoint::RelayRefused, &due);
        jobs::release_claims(&mut conn, &not_rung).await?;
        return Err(why.into());
    }
    Ok(if due.len() as i64 == BATCH { Batch::Full } else { Batch::Last })
}

/// All are sent before the first confirm is awaited; a batch costs one round trip, not one each. After an error nothing
/// more is sent: on a lost or blocked connection every further message would cost a timeout of its own.
async fn publish(publisher: &Publisher, due: &[DueJob]) -> Vec<Result<Rung, BrokerError>> {
    let mut confirms = Vec::with_capacity(due.len());
    let mut stopped = None;
    for job in due {
        match send(publisher, job).await {
            Ok(confirm) => {
                crash::pass_in(job.lane, CrashPoint::RelayPublished);
                confirms.push(publisher.confirmed(confirm));
            }
            Err(error) => {
                stopped = Some(Err(error));
                break;
            }
        }
    }
    join_all(confirms).await.into_iter().chain(stopped).collect()
}

fn pass(point: CrashPoint, due: &[DueJob]) {
    due.iter().for_each(|job| crash::pass_in(job.lane, point));
}

/// The jobs whose bell was not rung, and the first reason.
struct Failed {
    jobs: Vec<JobId>,
    why: BrokerError,
}

/// Parts what the broker took from what it did not, or was not even given.
fn sort(due: &[DueJob], published: Vec<Result<Rung, BrokerError>>) -> (Vec<(JobId, DateTime<Utc>)>, Option<Failed>) {
    let is_rung = |at: usize| matches!(published.get(at), Some(Ok(Rung::Confirmed)));
    let (rung, not_rung): (Vec<_>, Vec<_>) = due.iter().enumerate().partition(|(at, _)| is_rung(*at));
    let rung = rung.into_iter().map(|(_, job)| (job.id, job.due_at)).collect();
    if not_rung.is_empty() {
        return (rung, None);
    }
    let jobs = not_rung.into_iter().map(|(_, job)| job.id).collect();
    // Neither lost nor late, and yet not taken: the topology is gone, so start over and declare it.
    let why = published.into_iter().find_map(Result::err).unwrap_or(BrokerError::NotTaken);
    (rung, Some(Failed { jobs, why }))
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
        messaging.operation.name = "publish",
        messaging.operation.r#type = "send",
        messaging.destination.name = job.lane.as_str(),
        messaging.rabbitmq.destination.routing_key = job.lane.as_str(),
        messaging.message.id = %job.id,
        job.kind = job.kind.as_str(),
    );
    if let Some(trace) = &job.traceparent {
        traceparent::continue_from(&span, trace);
    }
    async { publisher.send(job.lane, &bell, traceparent::current().as_deref()).await }.instrument(span).await
}
