//! Requisitions without what belongs to them, for lists. The view of the same name says what stands in a summary.

use super::{StoreError, page::Page, requisition_reads::Viewer};
use crate::domain::{
    approval::Stage,
    id::{ProjectId, RequisitionId, UserId},
    requisition::RequisitionStatus,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{PgConnection, types::Json};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RequisitionSummary {
    pub id: RequisitionId,
    pub number: String,
    pub project_id: ProjectId,
    pub requester_id: UserId,
    pub purpose: String,
    pub starts_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub status: RequisitionStatus,
    /// Something is out past its due date.
    pub is_overdue: bool,
    pub decided_by: Option<UserId>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decision_reason: Option<String>,
    /// Who decides next.
    pub waiting_for: Option<Stage>,
    pub endorsed_by: Option<UserId>,
    pub endorsed_for: Option<UserId>,
    pub endorsed_at: Option<DateTime<Utc>>,
    pub approval_reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Which requisitions are wanted.
#[derive(Debug, Clone, Default)]
pub struct RequisitionFilter {
    pub status: Option<RequisitionStatus>,
    pub project: Option<ProjectId>,
    pub requester: Option<UserId>,
    /// Part of the number.
    pub number_part: Option<String>,
}

/// The newest first.
pub async fn list(
    conn: &mut PgConnection,
    viewer: Viewer,
    filter: &RequisitionFilter,
    page: Page,
) -> Result<Vec<RequisitionSummary>, StoreError> {
    match viewer.sees_all {
        true => list_all(conn, filter, page).await,
        false => list_visible(conn, viewer.user, filter, page).await,
    }
}

async fn list_all(
    conn: &mut PgConnection,
    filter: &RequisitionFilter,
    page: Page,
) -> Result<Vec<RequisitionSummary>, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"select to_json(s) as "summary!: Json<RequisitionSummary>"
           from requisition_summaries s
           where ($1::text is null or s.status = $1)
               and ($2::uuid is null or s.project_id = $2)
               and ($3::uuid is null or s.requester_id = $3)
               and ($4::text is null or position(upper($4) in s.number) > 0)
               and ($5::timestamptz is null or (s.created_at, s.id) < ($5, $6::uuid))
           order by s.created_at desc, s.id desc
           limit $7"#,
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

/// Project by project, the newest of each, so that nothing is read of projects that the viewer has no door to: whole
/// projects, and of others what they have asked for themselves.
async fn list_visible(
    conn: &mut PgConnection,
    viewer: UserId,
    filter: &RequisitionFilter,
    page: Page,
) -> Result<Vec<RequisitionSummary>, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"with whole as materialized (
               select project_id from project_members where user_id = $1
               union
               select project_id from project_deputies where deputy_id = $1
           ),
           door as materialized (
               select project_id, null::uuid as requester_id from whole
               union all
               select distinct project_id, requester_id
               from requisitions
               where requester_id = $1 and project_id not in (select project_id from whole)
           ),
           newest as materialized (
               select found.id
               from door
               cross join lateral (
                   select r.id, r.created_at
                   from requisitions r
                   where r.project_id = door.project_id
                       and (door.requester_id is null or r.requester_id = door.requester_id)
                       and ($2::text is null or r.status = $2)
                       and ($3::uuid is null or r.project_id = $3)
                       and ($4::uuid is null or r.requester_id = $4)
                       and ($5::text is null or position(upper($5) in r.number) > 0)
                       and ($6::timestamptz is null or (r.created_at, r.id) < ($6, $7::uuid))
                   order by r.created_at desc, r.id desc
                   limit $8
               ) found
               order by found.created_at desc, found.id desc
               limit $8
           )
           select to_json(s) as "summary!: Json<RequisitionSummary>"
           from newest
           join requisition_summaries s using (id)
           order by s.created_at desc, s.id desc"#,
        viewer.0,
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
