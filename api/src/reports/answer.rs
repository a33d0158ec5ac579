//! A report as it leaves: read in one snapshot, written as the client likes it.

use super::{format::Format, params::ReportParams, sheet, table, view::ReportView};
use crate::{problem::Problem, state::AppState};
use axum::{
    Json,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use chrono_tz::Tz;
use makerlab_shared::{
    domain::{id::ProjectId, lab_day::day_of, report::Report},
    store::reports,
};

/// The report of the period that the parameters name.
///
/// # Errors
/// If they name none, or the database does not answer.
pub(super) async fn report(
    app: &AppState,
    params: &ReportParams,
    headers: &HeaderMap,
    project: Option<ProjectId>,
) -> Result<Response, Problem> {
    let period = params.period(app.lab_timezone)?;
    let mut snapshot = app.pool.begin().await?;
    let report = reports::read(&mut snapshot, period, project).await?;
    snapshot.rollback().await?;
    match params.format.unwrap_or_else(|| Format::accepted(headers)) {
        Format::Json => Ok(Json(ReportView::from(&report)).into_response()),
        Format::Csv => csv(&report, app.lab_timezone),
    }
}

/// Its name says the lab's days: the last one is the first that is not in it.
fn csv(report: &Report, zone: Tz) -> Result<Response, Problem> {
    let bytes = sheet::write(&table::rows(report)).map_err(Problem::internal)?;
    let day = |moment| day_of(moment, zone);
    let name = format!("report-{}-{}.csv", day(report.period.from), day(report.period.to));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}
