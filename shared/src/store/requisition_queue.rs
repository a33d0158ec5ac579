//! What waits for a decision, by when it is needed: the queue of those who decide.

use super::{
    StoreError,
    page::Page,
    requisition_reads::{RequisitionFilter, RequisitionSummary, Viewer},
};
use crate::domain::{approval::Stage, id::UserId, requisition::RequisitionStatus};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Whose decision is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingFor {
    Anybody(Stage),
    /// The viewer's own: as a technician, as a supervisor of the project, or in the place of one. Never what they, or whom
    /// they stand in for, have asked for or edited, nor what they agreed to as a supervisor.
    Viewer,
}

struct QueueRow {
    id: Uuid,
    number: String,
    project_id: Uuid,
    requester_id: Uuid,
    purpose: String,
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    status: String,
    is_overdue: bool,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    decision_reason: Option<String>,
    waiting_for: Option<String>,
    endorsed_by: Option<Uuid>,
    endorsed_at: Option<DateTime<Utc>>,
    approval_reason: Option<String>,
    created_at: DateTime<Utc>,
}

/// Of what the viewer may see, that which is needed first at first. The page's position is by `starts_at`.
pub async fn list_waiting(
    conn: &mut PgConnection,
    viewer: Viewer,
    waiting_for: WaitingFor,
    filter: &RequisitionFilter,
    page: Page,
) -> Result<Vec<RequisitionSummary>, StoreError> {
    let stage = match waiting_for {
        WaitingFor::Anybody(stage) => Some(stage.as_str()),
        WaitingFor::Viewer => None,
    };
    let rows = sqlx::query_as!(
        QueueRow,
        r#"select r.id, r.number, r.project_id, r.requester_id, r.purpose, r.starts_at, r.due_at, r.status,
                  exists (
                      select from loans l
                      where l.requisition_id = r.id and l.status = 'checked_out' and l.due_at < lab_now()
                  ) as "is_overdue!",
                  r.decided_by, r.decided_at, r.decision_reason, r.waiting_for, r.endorsed_by, r.endorsed_at,
                  r.approval_reason, r.created_at
           from requisitions r
           where r.waiting_for is not null
               and ($1 or r.requester_id = $2 or exists (
                   select from project_members m where m.project_id = r.project_id and m.user_id = $2) or exists (
                   select from project_deputies d where d.project_id = r.project_id and d.deputy_id = $2))
               and ($3::text is null or r.waiting_for = $3)
               and ($3::text is not null or (r.requester_id <> $2 and not exists (
                       select from requisition_edits x where x.requisition_id = r.id and x.edited_by = $2) and (
                   (r.waiting_for = 'technician' and $1 and r.endorsed_by is distinct from $2)
                   or (r.waiting_for = 'supervisor' and exists (
                       select from project_members m
                       where m.project_id = r.project_id and m.user_id = $2 and m.role = 'supervisor'))
                   or (r.waiting_for = 'supervisor' and exists (
                       select from project_deputies d
                       where d.project_id = r.project_id and d.deputy_id = $2 and d.user_id <> r.requester_id
                           and not exists (
                               select from requisition_edits x
                               where x.requisition_id = r.id and x.edited_by = d.user_id))))))
               and ($4::text is null or r.status = $4)
               and ($5::uuid is null or r.project_id = $5)
               and ($6::uuid is null or r.requester_id = $6)
               and ($7::text is null or position(upper($7) in r.number) > 0)
               and ($8::timestamptz is null or (r.starts_at, r.id) > ($8, $9::uuid))
           order by r.starts_at, r.id
           limit $10"#,
        viewer.sees_all,
        viewer.user.0,
        stage,
        filter.status.map(RequisitionStatus::as_str),
        filter.project.map(|id| id.0),
        filter.requester.map(|id| id.0),
        filter.number_part,
        page.created_before(),
        page.id_before(),
        page.limit
    );
    rows.fetch_all(conn).await?.into_iter().map(summary).collect()
}

fn summary(row: QueueRow) -> Result<RequisitionSummary, StoreError> {
    Ok(RequisitionSummary {
        id: row.id.into(),
        number: row.number,
        project_id: row.project_id.into(),
        requester_id: row.requester_id.into(),
        purpose: row.purpose,
        starts_at: row.starts_at,
        due_at: row.due_at,
        status: row.status.parse()?,
        is_overdue: row.is_overdue,
        decided_by: row.decided_by.map(UserId),
        decided_at: row.decided_at,
        decision_reason: row.decision_reason,
        waiting_for: row.waiting_for.map(|word| word.parse()).transpose()?,
        endorsed_by: row.endorsed_by.map(UserId),
        endorsed_at: row.endorsed_at,
        approval_reason: row.approval_reason,
        created_at: row.created_at,
    })
}
