//! Rows of new jobs.

use super::CommitError;
use crate::{
    domain::job::{DueTime, JobKind, NewJob},
    telemetry::traceparent,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn insert_jobs(conn: &mut PgConnection, jobs: &[NewJob]) -> Result<(), CommitError> {
    if jobs.is_empty() {
        return Ok(());
    }
    bring_watches_forward(conn, jobs).await?;
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.id.0).collect();
    let kinds: Vec<&str> = jobs.iter().map(|job| job.kind.as_str()).collect();
    let lanes: Vec<&str> = jobs.iter().map(|job| job.lane.as_str()).collect();
    let subjects: Vec<Uuid> = jobs.iter().map(|job| job.subject_id).collect();
    let due: Vec<_> = jobs.iter().map(|job| instant(job.due)).collect();
    let on_lab_time: Vec<bool> = jobs.iter().map(|job| matches!(job.due, DueTime::Lab(_))).collect();
    sqlx::query!(
        "insert into jobs (id, kind, lane, subject_id, state, due_at, on_lab_time, traceparent)
         select id, kind, lane, subject_id, 'open',
                greatest(case when on_lab_time then due_at - moved_by else due_at end, now()), on_lab_time, $7
         from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[], $6::boolean[])
             as job (id, kind, lane, subject_id, due_at, on_lab_time)
         cross join lab_clock
         where kind <> 'serve_waiting_list'
             or exists (select from waiting_list where model_id = subject_id and status in ('waiting', 'held'))
         on conflict do nothing",
        &ids,
        &kinds as &[&str],
        &lanes as &[&str],
        &subjects,
        &due as &[Option<DateTime<Utc>>],
        &on_lab_time,
        traceparent::current(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The one watch over a loan looks earlier, if it is asked to. What is being run right now reads the new date under the
/// requisition's lock, or has fixed its next look under it before.
async fn bring_watches_forward(conn: &mut PgConnection, jobs: &[NewJob]) -> Result<(), CommitError> {
    let watches = jobs.iter().filter(|job| job.kind == JobKind::WatchReturn);
    let (loans, due): (Vec<Uuid>, Vec<_>) = watches.map(|job| (job.subject_id, instant(job.due))).unzip();
    if loans.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update jobs set due_at = greatest(asked.due_at - moved_by, now()), ringing_until = null
         from unnest($1::uuid[], $2::timestamptz[]) as asked (loan_id, due_at)
         cross join lab_clock
         where jobs.subject_id = asked.loan_id and jobs.kind = 'watch_return' and jobs.state = 'open'
             and jobs.lease_until is null and jobs.due_at > greatest(asked.due_at - moved_by, now())",
        &loans,
        &due as &[Option<DateTime<Utc>>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn instant(due: DueTime) -> Option<DateTime<Utc>> {
    match due {
        DueTime::AtOnce => None,
        DueTime::Real(at) | DueTime::Lab(at) => Some(at),
    }
}
