//! `GET /v1/projects`.

use super::view::ProjectView;
use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams, malformed},
        params::Query,
        words,
    },
    problem::Problem,
    requisitions::searchable,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::project::{AcademicYear, ProjectStatus, Tag},
    store::{
        page::After,
        projects::{self, ProjectFilter, ProjectScope},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectParams {
    #[param(schema_with = words::project_status)]
    status: Option<ProjectStatus>,
    /// Like `2026/27`.
    academic_year: Option<String>,
    tag: Option<String>,
    /// Part of the name, the course or the description.
    q: Option<String>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// Projects, the newest first.
#[utoipa::path(
    get,
    path = "/v1/projects",
    operation_id = "list_projects",
    tag = "projects",
    params(ProjectParams),
    responses((status = 200, body = Listed<ProjectView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(params): Query<ProjectParams>,
) -> Result<Json<Listed<ProjectView>>, Problem> {
    let scope = if caller.may_anywhere() { ProjectScope::All } else { ProjectScope::Own };
    let filter = ProjectFilter {
        status: params.status,
        academic_year: parsed("academic_year", params.academic_year.as_deref(), AcademicYear::parse)?,
        tag: parsed("tag", params.tag.as_deref(), Tag::parse)?,
        text: params.q.map(searchable).transpose()?,
    };
    let paging = PageParams { cursor: params.cursor, limit: params.limit };
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = projects::list(&mut conn, caller.user_id, scope, &filter, page).await?;
    let position = |row: &projects::ListedProject| After { created_at: row.created_at, id: row.project.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}

fn parsed<T, E: ToString>(
    name: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Problem> {
    text.map(parse).transpose().map_err(|error| malformed(name, &error.to_string()))
}
