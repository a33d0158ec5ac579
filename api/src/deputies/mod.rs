//! Who decides in somebody's place while they are away.

mod end;
mod list;
mod name;
mod read;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read::read, name::name, end::end)).routes(routes!(list::list))
}
