//! Rows of new findings; one open finding of a kind for each subject.

use super::CommitError;
use crate::domain::finding::NewFinding;
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
