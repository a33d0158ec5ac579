//! Loans: units given for requisitions, their due dates, and their way back.

mod correct_condition;
mod extend;
mod grant_extension;
mod list;
mod reject_extension;
mod report;
mod request_return;
mod standing;
mod withdraw_extension;

pub(crate) use report::ReportBody;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(request_return::request_return))
        .routes(routes!(correct_condition::correct_condition))
        .routes(routes!(extend::extend))
        .routes(routes!(grant_extension::grant_extension))
        .routes(routes!(reject_extension::reject_extension))
        .routes(routes!(withdraw_extension::withdraw_extension))
}
