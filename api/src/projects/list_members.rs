//! `GET /v1/projects/{id}/members`.

use super::view::{MemberView, load_permitted};
use crate::{
    http::{caller::Caller, params::Id},
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{domain::id::ProjectId, store::projects};

/// Who is in a project.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/members",
    operation_id = "list_members",
    tag = "projects",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<MemberView>), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn list_members(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<ProjectId>,
) -> Result<Json<Vec<MemberView>>, Problem> {
    let mut conn = app.pool.acquire().await?;
    load_permitted(&mut conn, id, caller).await?;
    let members = projects::list_members(&mut conn, id).await?;
    Ok(Json(members.into_iter().map(Into::into).collect()))
}
