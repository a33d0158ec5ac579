//! What the endpoints about one loan have in common: the door, the lock, the answer.

use crate::{
    http::{answer::Answer, caller::Caller, exchange::Effect},
    problem::Problem,
    requisitions,
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{
        change::Change,
        id::{LoanId, RequisitionId},
        permission::Place,
        requisition::Dossier,
    },
    store::{dossier, requisition_reads::find_loan_standing},
};

pub(super) struct Standing {
    /// Locked until the exchange ends.
    pub(super) dossier: Dossier,
    pub(super) requisition: RequisitionId,
}

/// Whether the caller may, and what it is done to.
pub(super) async fn stand(effect: &mut Effect, caller: Caller, id: LoanId) -> Result<Standing, Problem> {
    let no_such_loan = || Problem::not_found("loan");
    let found = find_loan_standing(effect.conn(), id, caller.user_id).await?.ok_or_else(no_such_loan)?;
    let place = Place {
        role: caller.role,
        member: found.member_role,
        in_place_of: None,
        owns: found.borrower_id == caller.user_id,
        has_part: found.has_part,
    };
    caller.check_place("loan", place)?;
    let requisition = found.requisition_id;
    let dossier = dossier::load_for_update(effect.conn(), requisition).await?.ok_or_else(no_such_loan)?;
    Ok(Standing { dossier, requisition })
}

/// Writes the change and shows the requisition as it is then.
pub(super) async fn finish(
    mut effect: Effect,
    caller: Caller,
    requisition: RequisitionId,
    change: &Change,
    status: StatusCode,
) -> Result<Answer, Problem> {
    effect.commit(change).await?;
    let view = requisitions::load(effect.conn(), requisition, caller.viewer()).await?;
    effect.finish(Answer::tagged(status, &view)?).await
}
