//! `POST /v1/requisitions/{id}/approve`: units are chosen now, their check-outs become due.

use super::{
    decide::{decision_of, finish, load_locked},
    units::{Choice, choose},
    view::RequisitionView,
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, NoBody, Post},
        params::Id,
    },
    problem::Problem,
};
use makerlab_shared::domain::{
    equipment::Unit,
    id::{LineId, RequisitionId},
    requisition::Dossier,
};
use sqlx::PgConnection;

/// Say yes.
#[utoipa::path(
    post,
    path = "/v1/requisitions/{id}/approve",
    operation_id = "approve_requisition",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    request_body = NoBody,
    responses(
        (status = 200, body = RequisitionView),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-requisition"),
        (status = 409, body = crate::problem::ProblemBody, description = "already-decided, no-free-unit, period-over")
    )
)]
pub(crate) async fn approve(
    caller: Caller,
    Id(id): Id<RequisitionId>,
    Post { body: NoBody {}, exchange }: Post<NoBody>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let dossier = load_locked(&mut effect, id).await?;
    let decide = decision_of(caller);
    dossier.check_decision(decide)?;
    let units = choose_units(effect.conn(), &dossier).await?;
    let change = dossier.approve(decide, &units)?;
    finish(effect, caller, id, &change).await
}

async fn choose_units(conn: &mut PgConnection, dossier: &Dossier) -> Result<Vec<(LineId, Vec<Unit>)>, Problem> {
    let lines: Vec<_> = dossier.undecided_lines().collect();
    let choices: Vec<_> = lines
        .iter()
        .map(|line| Choice { model: line.model_id, unit: line.equipment_id, quantity: line.quantity })
        .collect();
    let chosen = choose(conn, dossier.requisition.period, &choices).await?;
    Ok(lines.iter().map(|line| line.id).zip(chosen).collect())
}
