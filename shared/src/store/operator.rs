//! Jobs as operators see them on the command line.

use super::StoreError;
use crate::domain::{
    id::JobId,
    job::{JobKind, JobState, Lane},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedJob {
    pub id: JobId,
    pub kind: JobKind,
    pub lane: Lane,
    pub subject_id: Uuid,
    pub state: JobState,
    pub runs: i32,
    pub due_at: DateTime<Utc>,
    /// Somebody runs it until then, if that is to come.
    pub lease_until: Option<DateTime<Utc>>,
    pub waiting_reason: Option<String>,
    pub outcome: Option<String>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

struct JobRow {
    id: Uuid,
    kind: String,
    lane: String,
    subject_id: Uuid,
    state: String,
    runs: i32,
    due_at: DateTime<Utc>,
    lease_until: Option<DateTime<Utc>>,
    waiting_reason: Option<String>,
    outcome: Option<String>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// Jobs in one state, of one lane or of all, the earliest due first.
pub async fn list_jobs(
    conn: &mut PgConnection,
    state: JobState,
    lane: Option<Lane>,
    most: i64,
) -> Result<Vec<ListedJob>, StoreError> {
    let rows = sqlx::query_as!(
        JobRow,
        "select id, kind, lane, subject_id, state, runs, due_at, lease_until, waiting_reason, outcome, created_at,
                finished_at
         from jobs
         where state = $1 and ($2::text is null or lane = $2)
         order by due_at, id limit $3",
        state.as_str(),
        lane.map(Lane::as_str),
        most,
    );
    rows.fetch_all(conn).await?.into_iter().map(listed).collect()
}

pub async fn find_job(conn: &mut PgConnection, id: JobId) -> Result<Option<ListedJob>, StoreError> {
    let row = sqlx::query_as!(
        JobRow,
        "select id, kind, lane, subject_id, state, runs, due_at, lease_until, waiting_reason, outcome, created_at,
                finished_at
         from jobs where id = $1",
        id.0
    );
    row.fetch_optional(conn).await?.map(listed).transpose()
}

/// Makes one waiting job due now. `false`: it is due or being run already.
pub async fn hurry_job(conn: &mut PgConnection, id: JobId) -> Result<bool, StoreError> {
    let hurried = sqlx::query!(
        "update jobs set due_at = now(), ringing_until = null, waiting_reason = null
         where id = $1 and state = 'open' and due_at > now() and (lease_until is null or lease_until <= now())",
        id.0
    )
    .execute(conn)
    .await?;
    Ok(hurried.rows_affected() == 1)
}

fn listed(row: JobRow) -> Result<ListedJob, StoreError> {
    Ok(ListedJob {
        id: row.id.into(),
        kind: row.kind.parse()?,
        lane: row.lane.parse()?,
        subject_id: row.subject_id,
        state: row.state.parse()?,
        runs: row.runs,
        due_at: row.due_at,
        lease_until: row.lease_until,
        waiting_reason: row.waiting_reason,
        outcome: row.outcome,
        created_at: row.created_at,
        finished_at: row.finished_at,
    })
}
