//! `POST /v1/requisitions/{id}/endorse`: a supervisor agrees, and technicians decide next.

use super::{
    decide::{finish, load_permitted},
    view::RequisitionView,
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
        precondition::IfMatch,
    },
    problem::Problem,
};
use makerlab_shared::domain::id::RequisitionId;

/// Agree as a supervisor, where a rule asks for it, once it was edited with its version; technicians decide next
#[utoipa::path(
    post,
    path = "/v1/requisitions/{id}/endorse",
    operation_id = "endorse_requisition",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = RequisitionView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed, own-requisition, conflict-of-interest"),
        (status = 409, body = crate::problem::ProblemBody, description = "already-decided, not-with-supervisor"),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 428, body = crate::problem::ProblemBody, description = "precondition-required: it was edited, and If-Match is missing")
    )
)]
pub(crate) async fn endorse(
    caller: Caller,
    Id(id): Id<RequisitionId>,
    if_match: Option<IfMatch>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let (dossier, decide) = load_permitted(&mut effect, id, caller, if_match).await?;
    let change = dossier.endorse(decide)?;
    finish(effect, caller, id, &change).await
}
