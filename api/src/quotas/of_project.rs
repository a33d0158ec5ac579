//! `GET /v1/projects/{id}/quotas`: what is left for a project.

use super::view::StandingView;
use crate::{
    http::{caller::Caller, params::Id},
    problem::Problem,
    projects::load_permitted,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::{
        id::ProjectId,
        quota::{QuotaScope, in_force},
    },
    store::quotas,
};

/// A project's quotas and what is left of them.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/quotas",
    operation_id = "read_project_quotas",
    tag = "quotas",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<StandingView>), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn of_project(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<ProjectId>,
) -> Result<Json<Vec<StandingView>>, Problem> {
    let mut conn = app.pool.acquire().await?;
    load_permitted(&mut conn, id, caller).await?;
    let mut held = in_force(quotas::list(&mut conn).await?, id);
    held.retain(|quota| quota.scope == QuotaScope::Project);
    let standings = quotas::measure(&mut conn, held, Some(id), None, None).await?;
    Ok(Json(standings.into_iter().map(Into::into).collect()))
}
