//! API tokens: issued once in clear, listed by prefix, revoked for good.

mod issue;
mod list;
mod revoke;
mod view;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(issue::issue, list::list)).routes(routes!(revoke::revoke))
}
