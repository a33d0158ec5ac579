//! The inbox of what needs a person.

mod case;
mod list;
mod read;
mod settle;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(read::read)).routes(routes!(settle::settle))
}
