//! The rules of approval: read by everybody, set by admins.

mod create;
mod edit;
mod fields;
mod list;
mod remove;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(edit::edit))
        .routes(routes!(remove::remove))
}
