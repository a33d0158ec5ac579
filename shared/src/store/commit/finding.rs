//! Rows of findings, one open of a kind for each subject; and what a person wants to hear no more of.

use super::{CommitError, guard};
use crate::domain::{
    finding::NewFinding,
    id::{EquipmentId, FindingId, LoanId},
};
use sqlx::PgConnection;

pub(super) async fn raise_finding(conn: &mut PgConnection, finding: &NewFinding) -> Result<(), CommitError> {
    sqlx::query!(
        "with raised as (
             insert into findings (id, kind, subject_id, requisition_id, summary, evidence, state)
             values ($1, $2, $3, $4, $5, $6, 'open')
             on conflict (kind, subject_id) where state = 'open' do nothing
             returning id, kind, requisition_id
         )
         insert into status_history (entity, entity_id, requisition_id, event, to_status, actor_kind)
         select 'finding', id, requisition_id, kind, 'open', 'system' from raised",
        finding.id.0,
        finding.kind.as_str(),
        finding.subject_id,
        finding.requisition_id.map(|id| id.0),
        finding.summary,
        finding.evidence,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Nobody settled it: what it was about is over.
pub(super) async fn close_finding(conn: &mut PgConnection, finding: FindingId) -> Result<(), CommitError> {
    let closed = sqlx::query!(
        "update findings
         set state = 'settled', resolution = 'passed', settled_at = now(), version = version + 1
         where id = $1 and state = 'open'",
        finding.0,
    )
    .execute(conn)
    .await?;
    guard("finding", closed.rows_affected())
}

pub(super) async fn note_label_refused(
    conn: &mut PgConnection,
    unit: EquipmentId,
    times: u32,
) -> Result<(), CommitError> {
    let times = i32::try_from(times).unwrap_or(i32::MAX);
    sqlx::query!("update equipment set label_refusals = $2 where id = $1", unit.0, times).execute(conn).await?;
    Ok(())
}

pub(super) async fn ignore_drift(
    conn: &mut PgConnection,
    loan: LoanId,
    mark: Option<&serde_json::Value>,
) -> Result<(), CommitError> {
    sqlx::query!(
        "insert into ignored_drifts (loan_id, mark) values ($1, $2)
         on conflict (loan_id) do update set mark = excluded.mark",
        loan.0,
        mark,
    )
    .execute(conn)
    .await?;
    Ok(())
}
