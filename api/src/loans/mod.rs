//! Loans: units given for requisitions, and their way back.

mod correct_condition;
mod list;
mod report;
mod request_return;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(request_return::request_return))
        .routes(routes!(correct_condition::correct_condition))
}
