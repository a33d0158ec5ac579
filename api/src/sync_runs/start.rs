//! `POST /v1/sync-runs`: the next full sync is due now. There is one at a time, however many workers there are.

use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
    },
    problem::{Problem, ProblemType},
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::job::JobKind,
    store::jobs::{self, RoundIs},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncAsked {
    /// One is being run already, and no other follows it.
    is_running: bool,
}

/// Read the whole catalogue now; while it is being read already, nothing changes.
#[utoipa::path(
    post,
    path = "/v1/sync-runs",
    operation_id = "start_sync",
    tag = "equipment",
    request_body = NoBody,
    responses(
        (status = 202, body = SyncAsked),
        (status = 409, body = crate::problem::ProblemBody, description = "sync-not-scheduled")
    )
)]
pub(crate) async fn start(caller: Caller, Post { exchange, .. }: Post<NoBody>) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    jobs::hurry_kind(effect.conn(), JobKind::SyncCatalogue).await?;
    let Some(round) = jobs::find_round(effect.conn(), JobKind::SyncCatalogue).await? else {
        let detail = "no worker has been started yet, or the sync was set aside: see /v1/findings";
        return Err(Problem::new(ProblemType::SyncNotScheduled, detail));
    };
    tracing::info!(actor.id = %caller.user_id, "A full sync was asked for");
    let asked = SyncAsked { is_running: round == RoundIs::Running };
    effect.finish(Answer::new(StatusCode::ACCEPTED, &asked)?).await
}
