//! Waiting for units that are not free.

mod join;
mod leave;
mod list;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(join::join, list::list)).routes(routes!(leave::leave))
}
