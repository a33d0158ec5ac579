//! Job bookkeeping: take, settle, postpone, ring. No domain state is written here.
//!
//! A take moves `due_at` past the lease, so one condition (`open` and due) says everything: a second delivery finds
//! nothing to take, and a dead taker's job becomes due again by itself.

mod backlog;
mod bells;
mod hurry;
mod settle;

pub use backlog::{LaneBacklog, list_backlog};
pub use bells::{DueJob, OverdueJob, claim_to_ring, list_overdue, note_rung, release_claims};
pub use hurry::{RoundIs, find_round, hurry, hurry_kind, revive};
pub use settle::{Due, Postponement, RunCounts, bury, finish, postpone};

use super::StoreError;
use crate::domain::{
    id::JobId,
    job::{JobKind, Lane},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// A job in our hands until the lease ends; every later write names the epoch.
#[derive(Debug, Clone)]
pub struct TakenJob {
    pub id: JobId,
    pub kind: JobKind,
    pub lane: Lane,
    pub subject_id: Uuid,
    /// Takes so far, this one included.
    pub runs: i32,
    pub epoch: i32,
    pub traceparent: Option<String>,
    /// When the transaction of the take began, by PostgreSQL's clock: the one that leases go by.
    pub taken_at: DateTime<Utc>,
}

/// Takes a job if it is open and due. `None`: done, taken or not due; the message is to be forgotten.
pub async fn take(conn: &mut PgConnection, id: JobId, lease: Duration) -> Result<Option<TakenJob>, StoreError> {
    let row = sqlx::query!(
        r#"update jobs
           set runs = runs + 1, epoch = epoch + 1, lease_until = now() + $2::float8 * interval '1 second',
               due_at = now() + $2::float8 * interval '1 second', ringing_until = null, waiting_reason = null,
               on_lab_time = false
           where id = $1 and state = 'open' and due_at <= now()
           returning id, kind, lane, subject_id, runs, epoch, traceparent, now() as "taken_at!""#,
        id.0,
        lease.as_secs_f64(),
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(TakenJob {
        id: row.id.into(),
        kind: row.kind.parse()?,
        lane: row.lane.parse()?,
        subject_id: row.subject_id,
        runs: row.runs,
        epoch: row.epoch,
        traceparent: row.traceparent,
        taken_at: row.taken_at,
    }))
}

/// Sets aside a job that this version cannot read, so that its lane keeps moving. `false`: it is not open any more.
pub async fn bury_unreadable(conn: &mut PgConnection, id: JobId, outcome: &str) -> Result<bool, StoreError> {
    let buried = sqlx::query!(
        "update jobs set state = 'dead', outcome = $2, lease_until = null, finished_at = now()
         where id = $1 and state = 'open'",
        id.0,
        outcome,
    )
    .execute(conn)
    .await?;
    Ok(buried.rows_affected() == 1)
}

/// Moves the job's next ring, in case we die: an intent may not be looked at before this instant.
pub async fn defer_next_ring(conn: &mut PgConnection, job: &TakenJob, due_at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("update jobs set due_at = $3 where id = $1 and epoch = $2", job.id.0, job.epoch, due_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps the job for this long from now. Only for work that may be done twice without harm: the lease of a write to
/// Snipe-IT is never prolonged. `false`: somebody took the job meanwhile; stop.
pub async fn prolong(conn: &mut PgConnection, job: &TakenJob, by: Duration) -> Result<bool, StoreError> {
    let prolonged = sqlx::query!(
        "update jobs
         set lease_until = now() + $3::float8 * interval '1 second', due_at = now() + $3::float8 * interval '1 second'
         where id = $1 and epoch = $2 and state = 'open'",
        job.id.0,
        job.epoch,
        by.as_secs_f64(),
    )
    .execute(conn)
    .await?;
    Ok(prolonged.rows_affected() == 1)
}

/// Locks the job if it is still ours. `false`: somebody took it after our lease, or we have let go of it already (a commit
/// whose answer was lost); only evidence may be written.
pub async fn is_still_ours(conn: &mut PgConnection, job: &TakenJob) -> Result<bool, StoreError> {
    let ours = sqlx::query_scalar!(
        "select id from jobs where id = $1 and epoch = $2 and state = 'open' and lease_until is not null for update",
        job.id.0,
        job.epoch
    )
    .fetch_optional(conn)
    .await?;
    Ok(ours.is_some())
}

/// Whether another job of this kind about the same comes within the hour: of several that come round the one with the last
/// id goes on.
pub async fn is_another_coming(conn: &mut PgConnection, job: &TakenJob) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select exists (
               select from jobs
               where subject_id = $1 and kind = $2 and state = 'open' and id > $3
                   and due_at <= now() + interval '1 hour') as "found!""#,
        job.subject_id,
        job.kind.as_str(),
        job.id.0,
    );
    Ok(found.fetch_one(conn).await?)
}
