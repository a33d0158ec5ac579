//! `POST /v1/waiting-list/{id}/leave`: what was kept goes to the next in line.

use super::view::{WaitingEntryView, load};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::{Problem, ProblemType, Refusal},
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{id::WaitingEntryId, waiting_list::LeaveRefused},
    store::waiting_list,
};

/// Wait no longer; what was kept goes to the next in line.
#[utoipa::path(
    post,
    path = "/v1/waiting-list/{id}/leave",
    operation_id = "leave_waiting_list",
    tag = "waiting list",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = WaitingEntryView),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "not-waiting")
    )
)]
pub(crate) async fn leave(
    caller: Caller,
    Id(id): Id<WaitingEntryId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let entry = waiting_list::find_for_update(effect.conn(), id).await?;
    let entry = entry.ok_or_else(|| Problem::not_found("entry of the waiting list"))?;
    caller.check_own("entry of the waiting list", entry.user_id)?;
    let change = entry.leave(caller.user_id)?;
    effect.commit(&change).await?;
    let view = load(effect.conn(), id, caller).await?;
    effect.finish(Answer::new(StatusCode::OK, &view)?).await
}

impl Refusal for LeaveRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::Over(_) => ProblemType::NotWaiting,
        }
    }
}
