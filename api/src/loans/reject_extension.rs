//! `POST /v1/loans/{id}/extension/reject`: a technician says no, and why.

use super::{
    extend::REASON,
    standing::{Standing, finish, stand},
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        params::Id,
    },
    problem::Problem,
    requisitions::RequisitionView,
};
use axum::http::StatusCode;
use makerlab_shared::{domain::id::LoanId, store::extensions};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoMoreTime {
    /// Why, so that the borrower knows what to do; it is sent to them.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Reject the extension that was asked for; the unit stays due when it was.
#[utoipa::path(
    post,
    path = "/v1/loans/{id}/extension/reject",
    operation_id = "reject_extension",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = NoMoreTime,
    responses(
        (status = 200, body = RequisitionView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-requisition, conflict-of-interest"),
        (status = 409, body = crate::problem::ProblemBody, description = "no-extension-asked"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn reject_extension(
    caller: Caller,
    Id(id): Id<LoanId>,
    Post { body, exchange }: Post<NoMoreTime>,
) -> Result<Answer, Problem> {
    let reason = REASON.parse(&body.reason).map_err(|detail| Problem::invalid_field("/reason", detail))?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let Standing { dossier, requisition } = stand(&mut effect, caller, id).await?;
    let ground = extensions::load_ground(effect.conn(), id, None).await?;
    let change = dossier.reject_extension(id, caller.user_id, &reason, &ground)?;
    finish(effect, caller, requisition, &change, StatusCode::OK).await
}
