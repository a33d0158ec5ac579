//! Loans: units given for requisitions, and their way back.

mod list;
mod request_return;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(request_return::request_return))
}
