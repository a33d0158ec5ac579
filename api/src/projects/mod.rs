//! Projects and their members: on whose behalf equipment is asked for.

mod activate;
mod add_member;
mod create;
mod list;
mod list_members;
mod read;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create::create, list::list))
        .routes(routes!(read::read))
        .routes(routes!(activate::activate))
        .routes(routes!(add_member::add_member, list_members::list_members))
}
