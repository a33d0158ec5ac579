//! `GET /v1/projects/{id}`.

use super::view::{ProjectView, load_permitted};
use crate::{
    http::{caller::Caller, params::Id, precondition::Tagged},
    problem::Problem,
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::domain::id::ProjectId;

/// One project.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}",
    operation_id = "read_project",
    tag = "projects",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = ProjectView, headers(("ETag" = String))),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn read(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<ProjectId>,
) -> Result<Tagged<ProjectView>, Problem> {
    let mut conn = app.pool.acquire().await?;
    let found = load_permitted(&mut conn, id, caller).await?;
    Ok(Tagged { version: found.project.version, body: found.into() })
}
