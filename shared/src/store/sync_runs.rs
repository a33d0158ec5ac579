//! Rounds of the full sync: when each ran, what it read, and where one that was stopped goes on.
//!
//! One job does them all, and one worker at a time has it. A worker that has lost it may still write here: what it says
//! was stored is stored, whoever did it.

use super::{StoreError, page::Page};
use crate::domain::id::SyncRunId;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;

/// A run that has begun, by PostgreSQL's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncRun {
    pub id: SyncRunId,
    pub started_at: DateTime<Utc>,
    /// What it had come to when it was stopped; `None`: it begins.
    pub progress: Option<Value>,
}

/// Goes on with the run that was stopped, if it has stored anything and is no older than `resumable_for`; else a new one
/// begins.
pub async fn begin(conn: &mut PgConnection, resumable_for: TimeDelta) -> Result<SyncRun, StoreError> {
    sqlx::query!(
        "update sync_runs
         set finished_at = clock_timestamp(), error = coalesce(error, 'interrupted: its worker ended on the way')
         where kind = 'catalogue' and finished_at is null
             and (progress is null or started_at <= clock_timestamp() - make_interval(secs => $1))",
        resumable_for.as_seconds_f64(),
    )
    .execute(&mut *conn)
    .await?;
    let open = sqlx::query!(
        "select id, started_at, progress from sync_runs
         where kind = 'catalogue' and finished_at is null order by started_at desc limit 1"
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(run) = open {
        return Ok(SyncRun { id: run.id.into(), started_at: run.started_at, progress: run.progress });
    }
    let id = SyncRunId::generate();
    let started_at = sqlx::query_scalar!(
        "insert into sync_runs (id, kind, started_at) values ($1, 'catalogue', clock_timestamp()) returning started_at",
        id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(SyncRun { id, started_at, progress: None })
}

/// Everything up to there is stored.
pub async fn keep(conn: &mut PgConnection, run: SyncRunId, progress: &Value, counts: &Value) -> Result<(), StoreError> {
    sqlx::query!("update sync_runs set progress = $2, counts = $3 where id = $1", run.0, progress, counts)
        .execute(conn)
        .await?;
    Ok(())
}

/// It was stopped: with anything stored it can go on, else it has ended in vain.
pub async fn stop(conn: &mut PgConnection, run: SyncRunId, counts: &Value, error: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "update sync_runs
         set counts = $2, error = $3, finished_at = case when progress is null then clock_timestamp() end
         where id = $1",
        run.0,
        counts,
        error,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// It has ended: whole, or with an error after which it must not go on.
pub async fn finish(
    conn: &mut PgConnection,
    run: SyncRunId,
    counts: &Value,
    error: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sync_runs set finished_at = clock_timestamp(), counts = $2, error = $3 where id = $1",
        run.0,
        counts,
        error,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A run as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRun {
    pub id: SyncRunId,
    pub started_at: DateTime<Utc>,
    /// `None`: it runs, or was stopped and will go on.
    pub finished_at: Option<DateTime<Utc>>,
    pub counts: Value,
    /// Why it ended in vain, or was stopped.
    pub error: Option<String>,
}

/// The newest first.
pub async fn list(conn: &mut PgConnection, page: Page) -> Result<Vec<ListedRun>, StoreError> {
    let rows = sqlx::query!(
        "select id, started_at, finished_at, counts, error from sync_runs
         where kind = 'catalogue' and ($1::timestamptz is null or (started_at, id) < ($1, $2::uuid))
         order by started_at desc, id desc limit $3",
        page.created_before(),
        page.id_before(),
        page.limit,
    )
    .fetch_all(conn)
    .await?;
    let listed = rows.into_iter().map(|row| ListedRun {
        id: row.id.into(),
        started_at: row.started_at,
        finished_at: row.finished_at,
        counts: row.counts,
        error: row.error,
    });
    Ok(listed.collect())
}
