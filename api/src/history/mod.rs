//! What happened: to a loan, to a unit, to and by a person. A project's story and a requisition's stand with them.

mod of_equipment;
mod of_loan;
mod of_user;
mod tell;
mod view;

pub(crate) use view::{ActorView, ChangeView};

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(of_loan::of_loan))
        .routes(routes!(of_equipment::of_equipment))
        .routes(routes!(of_user::of_user))
}
