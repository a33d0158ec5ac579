//! `POST /v1/loans/{id}/extension/withdraw`: a wish for more time is taken back before anybody has answered it.

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

/// Take back the extension that was asked for; the unit stays due when it was.
#[utoipa::path(
    post,
    path = "/v1/loans/{id}/extension/withdraw",
    operation_id = "withdraw_extension",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = RequisitionView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "no-extension-asked")
    )
)]
pub(crate) async fn withdraw_extension(
    caller: Caller,
    Id(id): Id<LoanId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let Standing { dossier, requisition } = stand(&mut effect, caller, id).await?;
    let asked = extensions::find_asked(effect.conn(), id).await?;
    let change = dossier.withdraw_extension(id, caller.user_id, asked)?;
    finish(effect, caller, requisition, &change, StatusCode::OK).await
}
