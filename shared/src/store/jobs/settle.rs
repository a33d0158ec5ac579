//! A job that was taken ends, or comes again later.

use super::{StoreError, TakenJob};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::time::Duration;

pub async fn finish(conn: &mut PgConnection, job: &TakenJob, outcome: &str) -> Result<bool, StoreError> {
    close(conn, job, "done", outcome).await
}

/// Sets a job aside for a person.
pub async fn bury(conn: &mut PgConnection, job: &TakenJob, outcome: &str) -> Result<bool, StoreError> {
    close(conn, job, "dead", outcome).await
}

async fn close(conn: &mut PgConnection, job: &TakenJob, state: &str, outcome: &str) -> Result<bool, StoreError> {
    let closed = sqlx::query!(
        "update jobs set state = $3, outcome = $4, lease_until = null, waiting_reason = null, finished_at = now()
         where id = $1 and epoch = $2 and state = 'open'",
        job.id.0,
        job.epoch,
        state,
        outcome,
    )
    .execute(conn)
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// When a job comes again, and why it waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Postponement {
    pub due: Due,
    pub reason: String,
    pub run: RunCounts,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Due {
    /// From now, by PostgreSQL's clock.
    In(Duration),
    At(DateTime<Utc>),
    /// By the lab's clock: moving that clock brings it nearer.
    Lab(DateTime<Utc>),
}

/// Whether this run counts against the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunCounts {
    Yes,
    /// The run was stopped by something that is not the job's fault.
    GivenBack,
    /// The job did what it is for and comes again for its next round: it starts anew.
    NewRound,
}

pub async fn postpone(
    conn: &mut PgConnection,
    job: &TakenJob,
    postponement: &Postponement,
) -> Result<bool, StoreError> {
    let (wait, at, on_lab_time) = match postponement.due {
        Due::In(wait) => (wait.as_secs_f64(), None, false),
        Due::At(at) => (0.0, Some(at), false),
        Due::Lab(at) => (0.0, Some(at), true),
    };
    let (given_back, new_round) = match postponement.run {
        RunCounts::Yes => (0, false),
        RunCounts::GivenBack => (1, false),
        RunCounts::NewRound => (0, true),
    };
    let postponed = sqlx::query!(
        "update jobs
         set due_at = coalesce($3::timestamptz - case when $8 then moved_by else '0' end,
                               clock_timestamp() + $4::float8 * interval '1 second'),
             on_lab_time = $8, lease_until = null,
             ringing_until = null, waiting_reason = $5,
             runs = case when $7 then 0 else runs - $6 end
         from lab_clock
         where id = $1 and epoch = $2 and state = 'open'",
        job.id.0,
        job.epoch,
        at,
        wait,
        postponement.reason,
        given_back,
        new_round,
        on_lab_time,
    )
    .execute(conn)
    .await?;
    Ok(postponed.rows_affected() == 1)
}
