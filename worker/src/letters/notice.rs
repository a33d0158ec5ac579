//! The notice that an outcome is being verified, to a requester who would otherwise wonder.

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        actor::Actor,
        change::{Cause, Change, Recipient},
        id::OperationId,
        notification::NotificationEvent,
        operation::{Operation, OperationState},
        requisition::Dossier,
    },
    store::{commit::commit, dossier, jobs::TakenJob, letters},
};

/// Job `notice_verifying`; its subject is the operation that became unknown a while ago.
///
/// Committed here, under the requisition's lock: several units of one requisition become unknown together, and the
/// requester is to get one letter. A second delivery finds it written.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let id = OperationId(job.subject_id);
    let mut transaction = context.pool.begin().await?;
    let dossier = dossier::load_for_operation(&mut transaction, id).await?;
    let found = dossier.and_then(|dossier| Some((dossier.find_operation(id)?.clone(), dossier)));
    let Some((operation, dossier)) = found else {
        return Err(Failure::Broken("the operation does not exist".to_owned()));
    };
    if !is_being_verified(operation.state) {
        return Ok(Handled::done("known_by_now"));
    }
    if letters::was_told_of_verifying(&mut transaction, operation.requisition_id, operation.kind).await? {
        return Ok(Handled::done("told_before"));
    }
    commit(&mut transaction, &tell(dossier, &operation)).await?;
    transaction.commit().await?;
    crash::pass_in(job.lane, CrashPoint::NoticeWritten);
    context.waker.wake();
    Ok(Handled::done("told"))
}

fn is_being_verified(state: OperationState) -> bool {
    match state {
        OperationState::Sent | OperationState::Unknown | OperationState::WithPerson => true,
        OperationState::Waiting | OperationState::Applied | OperationState::Refused | OperationState::Abandoned => {
            false
        }
    }
}

fn tell(dossier: Dossier, operation: &Operation) -> Change {
    let mut transition = dossier.begin();
    let requester = Recipient::User(transition.after.requisition.requester_id);
    transition.notify(NotificationEvent::BeingVerified, requester, operation.id.0, None);
    transition.finish(&Cause::new(Actor::System, "outcome_unknown_for_long"))
}
