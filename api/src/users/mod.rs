//! People who may use the service.

mod create;
mod excuse_overdue;
mod list;
mod me;
mod preferences;
mod read;
mod set_language;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create::create, list::list))
        .routes(routes!(me::me))
        .routes(routes!(preferences::read, preferences::set))
        .routes(routes!(read::read))
        .routes(routes!(set_language::set_language))
        .routes(routes!(excuse_overdue::excuse_overdue))
}
