//! `POST /v1/requisitions/{id}/cancel`: wins only before anything was sent to Snipe-IT.

use super::{
    decide::{finish, load_locked},
    view::RequisitionView,
};
use crate::{
    http::{
        answer::Answer,
        caller::{Caller, forbidden},
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::{Problem, ProblemType, Refusal},
};
use chrono::Utc;
use makerlab_shared::{
    domain::{
        id::RequisitionId,
        project::MemberRole,
        requisition::{CancelRefused, Dossier},
    },
    store::{lineage, projects},
};
use sqlx::PgConnection;

/// Give it up. Rule: the requester, the project's leaders, technicians and admins.
#[utoipa::path(
    post,
    path = "/v1/requisitions/{id}/cancel",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = RequisitionView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
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
    check_rule(effect.conn(), caller, &dossier).await?;
    if lineage::is_other(effect.conn()).await? {
        return Err(CancelRefused::InDoubt.into());
    }
    let change = dossier.cancel(caller.user_id, Utc::now())?;
    finish(effect, caller, id, &change).await
}

async fn check_rule(conn: &mut PgConnection, caller: Caller, dossier: &Dossier) -> Result<(), Problem> {
    if caller.role.is_staff() {
        return Ok(());
    }
    let role = projects::find_role(conn, dossier.requisition.project_id, caller.user_id).await?;
    match role {
        None => Err(Problem::not_found("requisition")),
        Some(MemberRole::Leader) => Ok(()),
        Some(_) if dossier.requisition.requester_id == caller.user_id => Ok(()),
        Some(MemberRole::Member | MemberRole::Supervisor | MemberRole::Observer) => {
            Err(forbidden("only the requester, the project's leaders and the lab's staff may cancel it"))
        }
    }
}

impl Refusal for CancelRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::AlreadySent | Self::InDoubt | Self::Over(_) => ProblemType::NotCancellable,
        }
    }
}
