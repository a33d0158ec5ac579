//! `POST /v1/requisitions/{id}/approve`: every waiting line as it was asked for; units are chosen now, their check-outs become due.

use super::{
    decide::{choose_granted, finish, load_permitted},
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
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::domain::id::RequisitionId;

/// Say yes to every line that waits; once it was edited, with its version
#[utoipa::path(
    post,
    path = "/v1/requisitions/{id}/approve",
    operation_id = "approve_requisition",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = RequisitionView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-requisition, conflict-of-interest, four-eyes"),
        (status = 409, body = crate::problem::ProblemBody, description = "already-decided, no-free-unit, period-over, supervisor-first"),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 428, body = crate::problem::ProblemBody, description = "precondition-required: it was edited, and If-Match is missing")
    )
)]
pub(crate) async fn approve(
    State(app): State<AppState>,
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
    dossier.check_decision(decide)?;
    let rulings = dossier.grant_all();
    dossier.check_rulings(decide, &rulings, None)?;
    let (effect, units) = choose_granted(&app, effect, &dossier, &rulings, &Vec::new()).await?;
    let change = dossier.decide(decide, &rulings, &units, None)?;
    finish(effect, caller, id, &change).await
}
