//! Equipment models and their units: what can be asked for, and how old that knowledge is.

mod availability;
mod list;
mod list_units;
mod read;
mod set_approval;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(read::read, set_approval::set_approval))
        .routes(routes!(list_units::list_units))
        .routes(routes!(availability::availability))
}
