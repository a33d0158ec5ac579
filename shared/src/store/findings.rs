//! The inbox of what needs a person. Raising a finding goes through `commit`.

use super::{StoreError, commit::CommitError, page::Page};
use crate::domain::{
    finding::{FindingKind, FindingState, Resolution},
    id::{FindingId, RequisitionId, UserId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub id: FindingId,
    pub kind: FindingKind,
    pub subject_id: Uuid,
    pub requisition_id: Option<RequisitionId>,
    pub summary: String,
    pub evidence: serde_json::Value,
    pub state: FindingState,
    pub resolution: Option<Resolution>,
    pub note: Option<String>,
    pub settled_by: Option<UserId>,
    pub settled_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

struct FindingRow {
    id: Uuid,
    kind: String,
    subject_id: Uuid,
    requisition_id: Option<Uuid>,
    summary: String,
    evidence: serde_json::Value,
    state: String,
    resolution: Option<String>,
    note: Option<String>,
    settled_by: Option<Uuid>,
    settled_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
}

/// Which findings are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct FindingFilter {
    pub state: Option<FindingState>,
    pub kind: Option<FindingKind>,
}

/// The newest first.
pub async fn list(conn: &mut PgConnection, filter: FindingFilter, page: Page) -> Result<Vec<Finding>, StoreError> {
    let rows = sqlx::query_as!(
        FindingRow,
        "select id, kind, subject_id, requisition_id, summary, evidence, state, resolution, note, settled_by,
                settled_at, version, created_at
         from findings
         where ($1::text is null or state = $1)
             and ($2::text is null or kind = $2)
             and ($3::timestamptz is null or (created_at, id) < ($3, $4::uuid))
         order by created_at desc, id desc
         limit $5",
        filter.state.map(FindingState::as_str),
        filter.kind.map(FindingKind::as_str),
        page.created_before(),
        page.id_before(),
        page.limit
    );
    rows.fetch_all(conn).await?.into_iter().map(finding).collect()
}

pub async fn find(conn: &mut PgConnection, id: FindingId) -> Result<Option<Finding>, StoreError> {
    let row = sqlx::query_as!(
        FindingRow,
        "select id, kind, subject_id, requisition_id, summary, evidence, state, resolution, note, settled_by,
                settled_at, version, created_at
         from findings
         where id = $1",
        id.0
    );
    row.fetch_optional(conn).await?.map(finding).transpose()
}

/// The one of this kind that is open about this subject.
pub async fn find_open(
    conn: &mut PgConnection,
    kind: FindingKind,
    subject_id: Uuid,
) -> Result<Option<Finding>, StoreError> {
    let id = sqlx::query_scalar!(
        "select id from findings where kind = $1 and subject_id = $2 and state = 'open'",
        kind.as_str(),
        subject_id
    )
    .fetch_optional(&mut *conn)
    .await?;
    match id {
        Some(id) => find(conn, FindingId(id)).await,
        None => Ok(None),
    }
}

/// One thing that was seen or done about an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptSeen {
    pub at: DateTime<Utc>,
    pub attempt: i32,
    pub event: String,
    pub detail: serde_json::Value,
}

/// The evidence of an operation in the order in which it came; empty for a subject that is no operation.
pub async fn list_attempts(conn: &mut PgConnection, subject_id: Uuid) -> Result<Vec<AttemptSeen>, StoreError> {
    let attempts = sqlx::query_as!(
        AttemptSeen,
        "select at, attempt, event, detail from attempts where operation_id = $1 order by id limit 1000",
        subject_id
    );
    Ok(attempts.fetch_all(conn).await?)
}

/// A person's answer to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    pub resolution: Resolution,
    pub note: Option<String>,
    pub by: Option<UserId>,
}

/// Closes a finding that is still as it was read.
///
/// # Errors
/// [`CommitError::Conflict`] when somebody settled it meanwhile.
pub async fn settle(conn: &mut PgConnection, finding: &Finding, settlement: &Settlement) -> Result<(), CommitError> {
    let settled = sqlx::query!(
        "update findings
         set state = 'settled', resolution = $3, note = $4, settled_by = $5, settled_at = now(), version = version + 1
         where id = $1 and version = $2 and state = 'open'",
        finding.id.0,
        finding.version,
        settlement.resolution.as_str(),
        settlement.note,
        settlement.by.map(|by| by.0)
    )
    .execute(conn)
    .await?;
    match settled.rows_affected() {
        0 => Err(CommitError::Conflict("finding")),
        _ => Ok(()),
    }
}

/// Makes the jobs due now that wait for a borrower to be known in Snipe-IT.
pub async fn hurry_jobs_of_borrower(conn: &mut PgConnection, borrower: UserId) -> Result<u64, StoreError> {
    let hurried = sqlx::query!(
        "update jobs
         set due_at = now(), ringing_until = null, waiting_reason = null
         where state = 'open' and lease_until is null and due_at > now()
             and (subject_id = $1
                 or subject_id in (
                     select o.id
                     from operations o
                     join loans l on l.id = o.loan_id
                     where l.borrower_id = $1 and o.state = 'waiting'
                         and (l.starts_at <= lab_now() or l.status = 'handed_over')))",
        borrower.0
    );
    Ok(hurried.execute(conn).await?.rows_affected())
}

fn finding(row: FindingRow) -> Result<Finding, StoreError> {
    Ok(Finding {
        id: FindingId(row.id),
        kind: row.kind.parse()?,
        subject_id: row.subject_id,
        requisition_id: row.requisition_id.map(RequisitionId),
        summary: row.summary,
        evidence: row.evidence,
        state: row.state.parse()?,
        resolution: row.resolution.map(|word| word.parse()).transpose()?,
        note: row.note,
        settled_by: row.settled_by.map(UserId),
        settled_at: row.settled_at,
        version: row.version,
        created_at: row.created_at,
    })
}
