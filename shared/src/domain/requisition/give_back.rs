//! Giving back: a check-in of the loan's own tenure, and of nobody else's.

use super::{Dossier, LoanStatus, ReturnReport};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Recipient},
    id::{LoanId, OperationId, UserId},
    inventory::SnipeitAssetId,
    job::{DueTime, Lane, NewJob},
    notification::NotificationEvent,
    operation::{Operation, OperationKind, OperationState, Tenure},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReturnRefused {
    #[error("the loan does not belong to this requisition")]
    UnknownLoan,
    #[error("the loan is {0}; only what is checked out can be returned")]
    NotLent(LoanStatus),
    #[error("a return of this loan is under way already")]
    AlreadyUnderWay,
}

impl Dossier {
    /// Asks for the check-in of one loan. `asset` is the loan's unit in Snipe-IT, `report` what is said of its condition;
    /// what is lost is checked in as well, for nobody has it any more.
    ///
    /// # Errors
    /// Why there is nothing to return.
    pub fn request_return(
        self,
        loan: LoanId,
        asset: SnipeitAssetId,
        report: ReturnReport,
        by: UserId,
    ) -> Result<Change, ReturnRefused> {
        let loan = self.find_loan(loan).ok_or(ReturnRefused::UnknownLoan)?.clone();
        let (LoanStatus::CheckedOut, Some(user), Some(last_checkout)) =
            (loan.status, loan.snipeit_user_id, loan.fingerprint)
        else {
            return Err(ReturnRefused::NotLent(loan.status));
        };
        if self.find_live_operation(loan.id).is_some() {
            return Err(ReturnRefused::AlreadyUnderWay);
        }
        let mut transition = self.begin();
        let operation = Operation {
            id: OperationId::generate(),
            requisition_id: loan.requisition_id,
            loan_id: loan.id,
            equipment_id: loan.equipment_id,
            asset,
            kind: OperationKind::CheckIn,
            state: OperationState::Waiting,
            attempts: 0,
            fingerprint: None,
            tenure: Some(Tenure { user, last_checkout }),
            any_unit: false,
            units_tried: 1,
            borrower_looked_up_again: false,
            in_doubt: false,
            refusal: None,
            look_after: None,
            requested_by: Some(by),
            settled_at: None,
            confirmed_at: None,
            version: 1,
        };
        transition.change.jobs.push(NewJob::run_operation(operation.id, Lane::Counter, DueTime::AtOnce));
        transition.after.operations.push(operation);
        let mut cause = Cause::new(Actor::User(by), "return_requested");
        if report.is_fine() {
            transition.notify_technicians(NotificationEvent::ReturnRequested, None);
        } else {
            let message = report.note().map(str::to_owned);
            transition.notify(NotificationEvent::ReturnedDamaged, Recipient::Technicians, loan.id.0, message);
            cause = cause.because(report.condition().as_str());
        }
        transition.loan_mut(loan.id).returned_as = Some(report);
        Ok(transition.finish(&cause))
    }
}
