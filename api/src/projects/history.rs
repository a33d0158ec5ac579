//! `GET /v1/projects/{id}/history`: what became of it, of its members, and of what was asked for in its name.

use super::view::load_permitted;
use crate::{
    history::ChangeView,
    http::{
        caller::Caller,
        paging::{Listed, PageParams},
        params::{Id, Query},
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{change::Entity, id::ProjectId, person::PersonName},
    store::projects::{self, ProjectEvent},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectEventView {
    at: DateTime<Utc>,
    #[schema(schema_with = words::entity)]
    entity: Entity,
    /// A member's is the person's.
    entity_id: Uuid,
    requisition_id: Option<Uuid>,
    requisition_number: Option<String>,
    /// Whose membership it was.
    member_name: Option<String>,
    event: String,
    from_status: Option<String>,
    to_status: String,
    /// `user`, `system` or `snipeit`.
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    /// In whose place, if not in their own right.
    on_behalf_of: Option<Uuid>,
    reason: Option<String>,
    /// What it tells beside the status.
    changes: Vec<ChangeView>,
}

/// What happened in a project, the newest first.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/history",
    operation_id = "read_project_history",
    tag = "projects",
    params(("id" = Uuid, Path), PageParams),
    responses(
        (status = 200, body = Listed<ProjectEventView>),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn history(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<ProjectEventView>>, Problem> {
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    load_permitted(&mut conn, id, caller).await?;
    let events = projects::list_history(&mut conn, id, page).await?;
    Ok(Json(paging.listed(events, ProjectEvent::position, Into::into)?))
}

impl From<ProjectEvent> for ProjectEventView {
    fn from(event: ProjectEvent) -> Self {
        let in_clear = |name: PersonName| name.expose().to_owned();
        Self {
            at: event.at,
            entity: event.entity,
            entity_id: event.entity_id,
            requisition_id: event.requisition_id.map(|id| id.0),
            requisition_number: event.requisition_number,
            member_name: event.member_name.map(in_clear),
            event: event.event,
            from_status: event.from_status,
            to_status: event.to_status,
            actor_kind: event.actor_kind,
            actor_id: event.actor_id.map(|id| id.0),
            actor_name: event.actor_name.map(in_clear),
            on_behalf_of: event.on_behalf_of.map(|id| id.0),
            reason: event.reason,
            changes: event.changes.into_iter().map(Into::into).collect(),
        }
    }
}
