//! `POST /v1/requisitions/{id}/reject`: no to every waiting line, and why.

use super::{
    decide::{finish, load_permitted},
    view::RequisitionView,
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::TextRule,
        params::Id,
        precondition::IfMatch,
    },
    problem::Problem,
};
use makerlab_shared::domain::id::RequisitionId;
use serde::Deserialize;
use utoipa::ToSchema;

const REASON: TextRule = TextRule::paragraph(1, 2000);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rejection {
    /// Why, so that the requester knows what to do; it is sent to them.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Say no to every line that waits; supervisors while a supervisor is asked
#[utoipa::path(
    post,
    path = "/v1/requisitions/{id}/reject",
    operation_id = "reject_requisition",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    request_body = Rejection,
    responses(
        (status = 200, body = RequisitionView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, member-role-not-allowed, own-requisition, conflict-of-interest"),
        (status = 409, body = crate::problem::ProblemBody, description = "already-decided, not-with-supervisor"),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn reject(
    caller: Caller,
    Id(id): Id<RequisitionId>,
    if_match: Option<IfMatch>,
    Post { body, exchange }: Post<Rejection>,
) -> Result<Answer, Problem> {
    let reason = REASON.parse(&body.reason).map_err(|detail| Problem::invalid_field("/reason", detail))?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let (dossier, decide) = load_permitted(&mut effect, id, caller, if_match).await?;
    let change = dossier.reject(decide, &reason)?;
    finish(effect, caller, id, &change).await
}
