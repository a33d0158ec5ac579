//! What waits for a decision, by when it is needed: the queue of those who decide.

use super::{
    StoreError,
    page::Page,
    requisition_reads::Viewer,
    requisition_summaries::{RequisitionFilter, RequisitionSummary},
};
use crate::domain::{approval::Stage, requisition::RequisitionStatus};
use sqlx::{PgConnection, types::Json};

/// Whose decision is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingFor {
    Anybody(Stage),
    /// The viewer's own: as a technician, as a supervisor of the project, or in the place of one. Never what they, or whom
    /// they stand in for, have a part in, nor what they, or somebody in their place, agreed to as a supervisor.
    Viewer,
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
    let rows = sqlx::query_scalar!(
        r#"select to_json(r) as "summary!: Json<RequisitionSummary>"
           from requisition_summaries r
           where r.waiting_for is not null
               and ($1 or r.requester_id = $2 or exists (
                   select from project_members m where m.project_id = r.project_id and m.user_id = $2) or exists (
                   select from project_deputies d where d.project_id = r.project_id and d.deputy_id = $2))
               and ($3::text is null or r.waiting_for = $3)
               and ($3::text is not null or (not exists (
                       select from requisition_insiders i where i.requisition_id = r.id and i.user_id = $2) and (
                   (r.waiting_for = 'technician' and $1
                       and r.endorsed_by is distinct from $2 and r.endorsed_for is distinct from $2)
                   or (r.waiting_for = 'supervisor' and exists (
                       select from project_members m
                       where m.project_id = r.project_id and m.user_id = $2 and m.role = 'supervisor'))
                   or (r.waiting_for = 'supervisor' and exists (
                       select from project_deputies d
                       where d.project_id = r.project_id and d.deputy_id = $2 and not exists (
                           select from requisition_insiders i
                           where i.requisition_id = r.id and i.user_id = d.user_id)))
                   or (r.waiting_for = 'supervisor' and $1 and not exists (
                       select from memberships m
                       join users u on u.id = m.user_id and u.erased_at is null
                       where m.project_id = r.project_id and m.role = 'supervisor' and m.left_at is null
                           and not exists (
                               select from requisition_insiders i
                               where i.requisition_id = r.id and i.user_id = m.user_id))))))
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
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| row.0).collect())
}
