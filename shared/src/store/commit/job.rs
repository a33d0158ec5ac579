//! Rows of new jobs.

use super::CommitError;
use crate::{domain::job::NewJob, telemetry::traceparent};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn insert_jobs(conn: &mut PgConnection, jobs: &[NewJob]) -> Result<(), CommitError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.id.0).collect();
    let kinds: Vec<&str> = jobs.iter().map(|job| job.kind.as_str()).collect();
    let lanes: Vec<&str> = jobs.iter().map(|job| job.lane.as_str()).collect();
    let subjects: Vec<Uuid> = jobs.iter().map(|job| job.subject_id).collect();
    let due: Vec<_> = jobs.iter().map(|job| job.due_at).collect();
    sqlx::query!(
        "insert into jobs (id, kind, lane, subject_id, state, due_at, traceparent)
         select id, kind, lane, subject_id, 'open', greatest(due_at, now()), $6
         from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[])
             as job (id, kind, lane, subject_id, due_at)
         on conflict (kind) where state = 'open' and kind in ('sync_catalogue', 'sweep') do nothing",
        &ids,
        &kinds as &[&str],
        &lanes as &[&str],
        &subjects,
        &due as &[Option<chrono::DateTime<chrono::Utc>>],
        traceparent::current(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
