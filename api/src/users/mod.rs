//! People who may use the service.

mod create;
mod list;
mod me;
mod read;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create::create, list::list)).routes(routes!(me::me)).routes(routes!(read::read))
}
