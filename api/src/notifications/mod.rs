//! What was written to whom, and whether they have read it; letters as the staff sees them.

mod count_unread;
mod letter;
mod list;
mod list_letters;
mod mark_read;
mod mark_read_up_to;
mod resend;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(count_unread::count_unread))
        .routes(routes!(mark_read::mark_read))
        .routes(routes!(mark_read_up_to::mark_read_up_to))
        .routes(routes!(list_letters::list_letters))
        .routes(routes!(resend::resend))
}
