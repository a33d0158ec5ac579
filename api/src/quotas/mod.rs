//! Quotas: limits that admins set, and what is left of them.

mod create;
mod edit;
mod list;
mod of_project;
mod own;
mod read;
mod remove;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(read::read, edit::edit))
        .routes(routes!(remove::remove))
        .routes(routes!(of_project::of_project))
        .routes(routes!(own::own))
}
