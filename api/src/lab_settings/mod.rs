//! The numbers that the lab sets for itself.

mod edit;
mod read;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read::read, edit::edit))
}
