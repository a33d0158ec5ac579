//! `POST /v1/requisitions/{id}/cancel`: what waits for a decision, and what is promised of which nothing was sent to
//! Snipe-IT.

use super::{
    decide::{finish, load_locked},
    view::RequisitionView,
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::{Problem, ProblemType, Refusal},
};
use chrono::Utc;
use makerlab_shared::{
    domain::{id::RequisitionId, requisition::CancelRefused},
    store::{lineage, projects},
};

/// Give up what waits for a decision, and every promised unit of which nothing was sent to Snipe-IT
#[utoipa::path(
    post,
    path = "/v1/requisitions/{id}/cancel",
    operation_id = "cancel_requisition",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = RequisitionView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "not-cancellable")
    )
)]
pub(crate) async fn cancel(
    caller: Caller,
    Id(id): Id<RequisitionId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let dossier = load_locked(&mut effect, id).await?;
    let member = projects::find_role(effect.conn(), dossier.requisition.project_id, caller.user_id).await?;
    caller.check("requisition", member, dossier.requisition.requester_id == caller.user_id)?;
    if lineage::is_other(effect.conn()).await? {
        return Err(CancelRefused::InDoubt.into());
    }
    let change = dossier.cancel(caller.user_id, Utc::now())?;
    finish(effect, caller, id, &change).await
}

impl Refusal for CancelRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::AlreadySent | Self::InDoubt | Self::Over(_) => ProblemType::NotCancellable,
        }
    }
}
