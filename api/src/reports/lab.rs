//! `GET /v1/reports/lab`: a period of the whole lab.

use super::{answer::report, params::ReportParams, view::ReportView};
use crate::{
    http::{caller::Caller, params::Query},
    problem::Problem,
    state::AppState,
};
use axum::{extract::State, http::HeaderMap, response::Response};

/// A period of the whole lab in numbers, as JSON or CSV.
#[utoipa::path(
    get,
    path = "/v1/reports/lab",
    operation_id = "read_lab_report",
    tag = "reports",
    params(ReportParams),
    responses((status = 200, content((ReportView = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn lab(
    State(app): State<AppState>,
    _: Caller,
    headers: HeaderMap,
    Query(params): Query<ReportParams>,
) -> Result<Response, Problem> {
    report(&app, &params, &headers, None).await
}
