//! `GET /v1/projects`.

use super::view::ProjectView;
use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams},
        params::Query,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::store::{
    page::After,
    projects::{self, ProjectScope},
};

/// Projects, the newest first.
#[utoipa::path(
    get,
    path = "/v1/projects",
    operation_id = "list_projects",
    tag = "projects",
    params(PageParams),
    responses((status = 200, body = Listed<ProjectView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<ProjectView>>, Problem> {
    let scope = if caller.may_anywhere() { ProjectScope::All } else { ProjectScope::Own };
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = projects::list(&mut conn, caller.user_id, scope, page).await?;
    let position = |row: &projects::ListedProject| After { created_at: row.created_at, id: row.project.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}
