//! Which jobs a bell is to be rung for: the first by the relay, the second by a worker whose lane is silent.

use super::StoreError;
use crate::domain::{
    id::JobId,
    job::{JobKind, Lane},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// A job whose bell is to be rung.
#[derive(Debug, Clone)]
pub struct DueJob {
    pub id: JobId,
    pub kind: JobKind,
    pub lane: Lane,
    pub due_at: DateTime<Utc>,
    pub traceparent: Option<String>,
}

/// Claims jobs whose bell was not rung for their present due time. The claim lapses after ten seconds, so that a
/// relay that dies between claim and note costs time and nothing else.
pub async fn claim_to_ring(conn: &mut PgConnection, most: i64) -> Result<Vec<DueJob>, StoreError> {
    let rows = sqlx::query!(
        "with due as (
             select id from jobs
             where state = 'open' and due_at <= now() and rung_for is distinct from due_at
               and (ringing_until is null or ringing_until < now())
             order by due_at
             limit $1
             for update skip locked
         )
         update jobs set ringing_until = now() + interval '10 seconds'
         from due where jobs.id = due.id
         returning jobs.id, jobs.kind, jobs.lane, jobs.due_at, jobs.traceparent",
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DueJob {
                id: row.id.into(),
                kind: row.kind.parse()?,
                lane: row.lane.parse()?,
                due_at: row.due_at,
                traceparent: row.traceparent,
            })
        })
        .collect()
}

/// Notes that the bell was rung for exactly the due time it was claimed with.
pub async fn note_rung(conn: &mut PgConnection, rung: &[(JobId, DateTime<Utc>)]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = rung.iter().map(|(id, _)| id.0).collect();
    let due: Vec<DateTime<Utc>> = rung.iter().map(|(_, due_at)| *due_at).collect();
    sqlx::query!(
        "update jobs set rung_for = rung.due_at,
                         ringing_until = case when jobs.due_at = rung.due_at then null else jobs.ringing_until end
         from unnest($1::uuid[], $2::timestamptz[]) as rung (id, due_at)
         where jobs.id = rung.id",
        &ids,
        &due,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives claims back that could not be rung.
pub async fn release_claims(conn: &mut PgConnection, ids: &[JobId]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!("update jobs set ringing_until = null where id = any($1)", &ids).execute(conn).await?;
    Ok(())
}

/// A job that no bell has brought to a worker.
#[derive(Debug, Clone)]
pub struct OverdueJob {
    pub id: JobId,
    /// `None`: a kind that only a newer version knows.
    pub kind: Option<JobKind>,
    pub traceparent: Option<String>,
}

/// The second bell: jobs of a lane that have been due for a while, the longest first.
pub async fn list_overdue(
    conn: &mut PgConnection,
    lane: Lane,
    overdue_for: Duration,
    most: i64,
) -> Result<Vec<OverdueJob>, StoreError> {
    let rows = sqlx::query!(
        "select id, kind, traceparent from jobs
         where state = 'open' and lane = $1 and due_at < now() - $2::float8 * interval '1 second'
         order by due_at limit $3",
        lane.as_str(),
        overdue_for.as_secs_f64(),
        most,
    )
    .fetch_all(conn)
    .await?;
    let jobs = rows.into_iter().map(|row| {
        // What this version does not understand is run all the same, and set aside there.
        let kind = row.kind.parse().ok();
        OverdueJob { id: row.id.into(), kind, traceparent: row.traceparent }
    });
    Ok(jobs.collect())
}
