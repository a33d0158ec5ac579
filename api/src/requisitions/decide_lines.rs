//! `POST /v1/requisitions/{id}/decide`: some lines, each by itself; the others go on waiting.

use super::{
    decide::{choose_granted, finish, load_permitted},
    rulings,
    view::RequisitionView,
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        params::Id,
        precondition::IfMatch,
    },
    problem::Problem,
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::domain::id::RequisitionId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    #[schema(min_items = 1, max_items = 20)]
    pub(super) decisions: Vec<LineDecision>,
    /// For all of them; it is sent to the requester.
    #[schema(max_length = 2000)]
    pub(super) reason: Option<String>,
}

/// What is decided about one line. What is left out is as it was asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineDecision {
    pub(super) line_id: Uuid,
    pub(super) decision: Word,
    /// Grants fewer than were asked for.
    #[schema(minimum = 1, maximum = 50)]
    pub(super) quantity: Option<i64>,
    /// Grants another model in place of the one that was asked for.
    pub(super) model_id: Option<Uuid>,
    /// Grants these units and no others.
    #[schema(min_items = 1, max_items = 50)]
    pub(super) equipment_ids: Option<Vec<Uuid>>,
    /// Needed for a rejection, unless the whole decision has one; it is sent to the requester.
    #[schema(max_length = 2000)]
    pub(super) reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    Approve,
    Reject,
}

/// Decide line by line, a yes to what was edited with its version; the lines that are not named go on waiting.
#[utoipa::path(
    post,
    path = "/v1/requisitions/{id}/decide",
    operation_id = "decide_requisition",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    request_body = Decision,
    responses(
        (status = 200, body = RequisitionView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-requisition, conflict-of-interest, four-eyes"),
        (status = 409, body = crate::problem::ProblemBody, description = "already-decided, line-withdrawn, no-free-unit, period-over, supervisor-first"),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input"),
        (status = 428, body = crate::problem::ProblemBody, description = "precondition-required: it was edited, and If-Match is missing")
    )
)]
pub(crate) async fn decide_lines(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<RequisitionId>,
    if_match: Option<IfMatch>,
    Post { body, exchange }: Post<Decision>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let (dossier, decide) = load_permitted(&mut effect, id, caller, if_match).await?;
    dossier.check_decision(decide)?;
    let checked = rulings::read(effect.conn(), &dossier, &body).await?;
    let reason = checked.reason.as_deref();
    dossier.check_rulings(decide, &checked.rulings, reason)?;
    let (effect, units) = choose_granted(&app, effect, &dossier, &checked.rulings, &checked.named).await?;
    let change = dossier.decide(decide, &checked.rulings, &units, reason)?;
    finish(effect, caller, id, &change).await
}
