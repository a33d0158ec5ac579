//! What operators ask first: when was Snipe-IT read, what is unknown, what waits for a person.

use super::StoreError;
use crate::domain::comparison::Missed;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestions {
    pub operations_unknown: i64,
    pub findings_open: i64,
    pub catalogue_synced_at: Option<DateTime<Utc>>,
    pub swept_at: Option<DateTime<Utc>>,
    /// Of Snipe-IT's, by the last full sync and the sweeps since.
    pub rows_unreadable: i64,
}

pub async fn load_open_questions(conn: &mut PgConnection) -> Result<OpenQuestions, StoreError> {
    let questions = sqlx::query_as!(
        OpenQuestions,
        r#"select
               (select count(*) from operations where state = 'unknown')
                   as "operations_unknown!",
               (select count(*) from findings where state = 'open') as "findings_open!",
               (select max(finished_at) from sync_runs where kind = 'catalogue' and error is null)
                   as catalogue_synced_at,
               (select swept_at from snipeit_link) as swept_at,
               coalesce((select (evidence ->> 'count')::bigint from findings
                         where kind = 'rows_unreadable' and state = 'open'), 0) as "rows_unreadable!""#
    );
    Ok(questions.fetch_one(conn).await?)
}

/// The latest full comparison of the cache with Snipe-IT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub at: DateTime<Utc>,
    /// Assets that the cache knew before.
    pub compared: i64,
    /// How many of them had changed before the last sweep, which did not bring it.
    pub missed: i64,
    /// Some of those.
    pub differences: Vec<Missed>,
}

/// `None`: no full sync has ended well since comparisons are made.
pub async fn find_comparison(conn: &mut PgConnection) -> Result<Option<Comparison>, StoreError> {
    let row = sqlx::query!(
        r#"select finished_at as "at!", (counts ->> 'compared')::bigint as "compared!",
                  (counts ->> 'missed')::bigint as "missed!", counts -> 'differences' as "differences!"
           from sync_runs
           where kind = 'catalogue' and error is null and finished_at is not null and counts ? 'compared'
           order by started_at desc limit 1"#
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let differences = serde_json::from_value(row.differences)?;
    Ok(Some(Comparison { at: row.at, compared: row.compared, missed: row.missed, differences }))
}

/// The newest migration that this database has seen succeed; `None` when it was never migrated.
pub async fn find_schema_version(conn: &mut PgConnection) -> Result<Option<i64>, StoreError> {
    let version = sqlx::query_scalar!(r#"select max(version) as version from _sqlx_migrations where success"#);
    Ok(version.fetch_one(conn).await?)
}
