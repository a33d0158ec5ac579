//! `GET /v1/projects/{id}/report`: a period of one project.

use super::{answer::report, params::ReportParams, view::ReportView};
use crate::{
    http::{
        caller::Caller,
        params::{Id, Query},
    },
    problem::Problem,
    projects::load_permitted,
    state::AppState,
};
use axum::{extract::State, http::HeaderMap, response::Response};
use makerlab_shared::domain::id::ProjectId;

/// A period of one project in numbers, as JSON or CSV.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/report",
    operation_id = "read_project_report",
    tag = "reports",
    params(("id" = Uuid, Path), ReportParams),
    responses(
        (status = 200, content((ReportView = "application/json"), (String = "text/csv"))),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn of_project(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    headers: HeaderMap,
    Query(params): Query<ReportParams>,
) -> Result<Response, Problem> {
    let mut conn = app.pool.acquire().await?;
    load_permitted(&mut conn, id, caller).await?;
    drop(conn);
    report(&app, &params, &headers, Some(id)).await
}
