//! Projects and their members: on whose behalf equipment is asked for.

mod activate;
mod add_member;
mod archive;
mod change_member_role;
mod complete;
mod create;
mod edit;
mod fields;
mod history;
mod leave;
mod list;
mod list_members;
mod person;
mod read;
mod refusal;
mod reject;
mod remove_member;
mod step;
mod view;

pub(crate) use view::load_permitted;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create::create, list::list))
        .routes(routes!(read::read, edit::edit))
        .routes(routes!(activate::activate))
        .routes(routes!(reject::reject))
        .routes(routes!(complete::complete))
        .routes(routes!(archive::archive))
        .routes(routes!(history::history))
        .routes(routes!(add_member::add_member, list_members::list_members))
        .routes(routes!(change_member_role::change_member_role))
        .routes(routes!(remove_member::remove_member))
        .routes(routes!(leave::leave))
}
