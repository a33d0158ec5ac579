//! Reading the whole catalogue from Snipe-IT: when that happened, and at once.

mod list;
mod start;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list, start::start))
}
