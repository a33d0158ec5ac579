//! What approving and rejecting share: the rules' words, and the requisition locked while it is decided.

use crate::{
    http::{answer::Answer, caller::Caller, exchange::Effect},
    problem::{Problem, ProblemType, Refusal},
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{
        change::Change,
        id::RequisitionId,
        requisition::{Decide, DecisionRefused, Dossier},
    },
    store::dossier,
};

pub(super) async fn load_locked(effect: &mut Effect, id: RequisitionId) -> Result<Dossier, Problem> {
    let dossier = dossier::load_for_update(effect.conn(), id).await?;
    dossier.ok_or_else(|| Problem::not_found("requisition"))
}

pub(super) fn decision_of(caller: Caller) -> Decide {
    Decide { by: caller.user_id, role: caller.role }
}

/// Writes the change and answers with the requisition as it is now.
pub(super) async fn finish(
    mut effect: Effect,
    caller: Caller,
    id: RequisitionId,
    change: &Change,
) -> Result<Answer, Problem> {
    effect.commit(change).await?;
    let view = super::view::load(effect.conn(), id, caller.viewer()).await?;
    effect.finish(Answer::new(StatusCode::OK, &view)?).await
}

impl Refusal for DecisionRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::NotStaff => ProblemType::RoleNotAllowed,
            Self::OwnRequisition => ProblemType::OwnRequisition,
            Self::AlreadyDecided => ProblemType::AlreadyDecided,
            Self::PeriodOver => ProblemType::PeriodOver,
            Self::ReasonMissing => ProblemType::InvalidInput,
        }
    }
}
