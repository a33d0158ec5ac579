//! `POST /v1/loans/{id}/extension/grant`: a technician says yes to what was asked.

use super::standing::{Standing, finish, stand};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::Problem,
    requisitions::RequisitionView,
};
use axum::http::StatusCode;
use makerlab_shared::{domain::id::LoanId, store::extensions};

/// Grant the extension that was asked for.
#[utoipa::path(
    post,
    path = "/v1/loans/{id}/extension/grant",
    operation_id = "grant_extension",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = RequisitionView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-requisition, conflict-of-interest"),
        (status = 409, body = crate::problem::ProblemBody, description = "no-extension-asked, not-lent, return-under-way, unit-already-promised, period-over")
    )
)]
pub(crate) async fn grant_extension(
    caller: Caller,
    Id(id): Id<LoanId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let Standing { dossier, requisition } = stand(&mut effect, caller, id).await?;
    let ground = extensions::load_ground(effect.conn(), id, None).await?;
    let change = dossier.grant_extension(id, caller.user_id, &ground)?;
    finish(effect, caller, requisition, &change, StatusCode::OK).await
}
