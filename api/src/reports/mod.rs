//! Reports of a period, of one project or of the whole lab: for programs as JSON, for spreadsheets as CSV.

mod answer;
mod format;
mod lab;
mod of_project;
mod params;
mod sheet;
mod table;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(lab::lab)).routes(routes!(of_project::of_project))
}
