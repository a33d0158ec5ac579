//! Rounds of the full sync: when each ran, what it read, and where one that was stopped goes on.
//!
//! One job does them all, and one worker at a time has it. A worker that has lost it may still write here: what it says
//! was stored is stored, whoever did it.

use super::{StoreError, page::Page};
use crate::domain::{id::SyncRunId, sync_call::WholeSync};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
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
/// begins. It is the comparison of this night unless that has one.
pub async fn begin(conn: &mut PgConnection, resumable_for: TimeDelta, night: NaiveDate) -> Result<SyncRun, StoreError> {
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
        "insert into sync_runs (id, kind, started_at, night)
         select $1::uuid, 'catalogue', clock_timestamp(),
                case when not exists (
                    select from sync_runs where kind = 'catalogue' and night = $2::date and finished_at is not null
                        and error is null) then $2::date end
         returning started_at",
        id.0,
        night,
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

/// How a run has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End<'a> {
    /// `left_out`: see [`WholeSync`].
    Whole { left_out: i64 },
    /// It must not go on after this.
    InVain { error: &'a str },
}

pub async fn finish(conn: &mut PgConnection, run: SyncRunId, counts: &Value, end: End<'_>) -> Result<(), StoreError> {
    let (left_out, error) = match end {
        End::Whole { left_out } => (Some(left_out), None),
        End::InVain { error } => (None, Some(error)),
    };
    sqlx::query!(
        "update sync_runs set finished_at = clock_timestamp(), counts = $2, left_out = $3, error = $4 where id = $1",
        run.0,
        counts,
        left_out,
        error,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether the comparison of this night was made to its end.
pub async fn is_compared(conn: &mut PgConnection, night: NaiveDate) -> Result<bool, StoreError> {
    let is_compared = sqlx::query_scalar!(
        r#"select exists (
               select from sync_runs
               where kind = 'catalogue' and night = $1 and finished_at is not null and error is null) as "is_compared!""#,
        night,
    );
    Ok(is_compared.fetch_one(conn).await?)
}

/// The last run that came to its end. `None`: none has.
pub async fn find_last_whole(conn: &mut PgConnection) -> Result<Option<WholeSync>, StoreError> {
    let whole = sqlx::query_as!(
        WholeSync,
        // Null: by a version that did not count them.
        r#"select started_at as began_at, coalesce(left_out, 0) as "left_out!" from sync_runs
           where kind = 'catalogue' and finished_at is not null and error is null
           order by started_at desc limit 1"#
    );
    Ok(whole.fetch_optional(conn).await?)
}

/// A run as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRun {
    pub id: SyncRunId,
    pub started_at: DateTime<Utc>,
    /// `None`: it runs, or was stopped and will go on.
    pub finished_at: Option<DateTime<Utc>>,
    /// The day of the lab of whose night it is the comparison.
    pub night: Option<NaiveDate>,
    pub counts: Value,
    /// Why it ended in vain, or was stopped.
    pub error: Option<String>,
}

/// The newest first.
pub async fn list(conn: &mut PgConnection, page: Page) -> Result<Vec<ListedRun>, StoreError> {
    let rows = sqlx::query!(
        "select id, started_at, finished_at, night, counts, error from sync_runs
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
        night: row.night,
        counts: row.counts,
        error: row.error,
    });
    Ok(listed.collect())
}
