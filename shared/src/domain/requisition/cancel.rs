//! Cancelling: wins only before anything was sent to Snipe-IT.

use super::{Dossier, LineStatus, LoanStatus, RequisitionStatus};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::UserId,
    notification::NotificationEvent,
    operation::{Event, decide},
    permission::Permission,
};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefused {
    #[error("a check-out has already been sent to the inventory; ask for a return instead")]
    AlreadySent,
    #[error(
        "the database was restored or failed over, and whether a check-out was sent before is being verified; try again later"
    )]
    InDoubt,
    #[error("the requisition is {0}; only one that is pending or approved can be cancelled")]
    Over(RequisitionStatus),
}

impl Dossier {
    /// # Errors
    /// Why it is too late.
    pub fn cancel(self, by: UserId, now: DateTime<Utc>) -> Result<Change, CancelRefused> {
        let mut transition = self.begin();
        if transition.after.operations.iter().any(|operation| operation.in_doubt && !operation.state.is_settled()) {
            return Err(CancelRefused::InDoubt);
        }
        if !transition.nothing_was_sent() {
            return Err(CancelRefused::AlreadySent);
        }
        let status = transition.after.requisition.status;
        if !Permission::CancelRequisition.rule().allowed_while.allows_requisition(status) {
            return Err(CancelRefused::Over(status));
        }
        for operation in &mut transition.after.operations {
            let (mut abandoned, _) = decide(operation.clone(), Event::CancelWished);
            abandoned.settled_at = Some(now);
            *operation = abandoned;
        }
        for loan in &mut transition.after.loans {
            if loan.status == LoanStatus::Promised {
                loan.status = LoanStatus::Released;
            }
        }
        for line in &mut transition.after.lines {
            line.status = LineStatus::Cancelled;
        }
        transition.notify_requester(NotificationEvent::Cancelled, None);
        Ok(transition.finish(&Cause::new(Actor::User(by), "cancelled")))
    }
}
