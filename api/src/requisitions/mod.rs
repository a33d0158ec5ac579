//! Requisitions: submitted, read, edited, decided, cancelled.

mod approve;
mod cancel;
mod decide;
mod decide_lines;
mod dry_run;
mod edit;
mod endorse;
mod hand_over;
mod history;
mod kept;
mod list;
mod overdue;
mod period;
mod read;
mod reject;
mod rulings;
mod submit;
mod units;
mod unmet;
mod view;

pub(crate) use list::{searchable, user_or_me};
pub(crate) use overdue::naming_units;
pub(crate) use period::period_of;
pub(crate) use view::{LoanView, RequisitionView, load, location};

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(submit::submit, list::list))
        .routes(routes!(read::read, edit::edit))
        .routes(routes!(cancel::cancel))
        .routes(routes!(hand_over::hand_over))
        .routes(routes!(approve::approve))
        .routes(routes!(reject::reject))
        .routes(routes!(decide_lines::decide_lines))
        .routes(routes!(dry_run::dry_run))
        .routes(routes!(endorse::endorse))
}
