//! Trying again what Snipe-IT refused after the unit was handed over.

use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    equipment::{Collection, Unit},
    id::{OperationId, UserId},
    job::NewJob,
    requisition::{Dossier, LoanStatus, submit::check_out},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetryRefused {
    #[error("the check-out is not there any more")]
    UnknownOperation,
    #[error("the loan is {0}; only what is handed over is tried again: acknowledge the finding")]
    NotHandedOver(LoanStatus),
    #[error("another check-out of the loan is under way already: acknowledge the finding")]
    UnderWay,
}

impl Dossier {
    /// A new check-out of the unit that the refused one was about, since its borrower still has it.
    ///
    /// # Errors
    /// Why there is nothing to try.
    pub fn retry_hand_over(self, refused: OperationId, by: UserId, cause: Cause) -> Result<Change, RetryRefused> {
        let refused = self.find_operation(refused).ok_or(RetryRefused::UnknownOperation)?.clone();
        let loan = self.find_loan(refused.loan_id).ok_or(RetryRefused::UnknownOperation)?.clone();
        if loan.status != LoanStatus::HandedOver {
            return Err(RetryRefused::NotHandedOver(loan.status));
        }
        if self.find_live_operation(loan.id).is_some() {
            return Err(RetryRefused::UnderWay);
        }
        let unit = Unit { id: loan.equipment_id, snipeit_asset_id: refused.asset, collection: Collection::Counter };
        let mut transition = self.begin();
        let operation = check_out(&loan, unit, false, 1, Some(by));
        transition.change.jobs.push(NewJob::run_at_desk(operation.id));
        transition.after.operations.push(operation);
        Ok(transition.finish(&Cause { actor: Actor::User(by), ..cause }))
    }
}
