//! Giving back: a check-in of the loan's own tenure, and of nobody else's.

use super::{Dossier, Loan, LoanStatus, ReturnReport, Transition, settle::returned};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Recipient},
    id::{LoanId, OperationId, UserId},
    inventory::SnipeitAssetId,
    job::NewJob,
    notification::{Message, NotificationEvent},
    operation::{Event, Operation, OperationKind, OperationState, Tenure, decide},
};
use chrono::{DateTime, Utc};

/// Who gives something back, and what is known of what was sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiveBack {
    pub by: UserId,
    /// Real time: operations go by it.
    pub now: DateTime<Utc>,
    /// The database may have forgotten what was sent, so nothing counts as never sent.
    pub is_forgetful: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReturnRefused {
    #[error("the loan does not belong to this requisition")]
    UnknownLoan,
    #[error("the loan is {0}; only what is out can be returned")]
    NotLent(LoanStatus),
    #[error("a return of this loan is under way already")]
    AlreadyUnderWay,
}

impl Dossier {
    /// Asks for the return of one loan. `asset` is the loan's unit in Snipe-IT, `report` what is said of its condition;
    /// what is lost is checked in as well, for nobody has it any more.
    ///
    /// What Snipe-IT has checked out is checked in. What was handed over and never sent to Snipe-IT is back at once; while
    /// nobody knows whether it was checked out, it is checked in as soon as that is known.
    ///
    /// # Errors
    /// Why there is nothing to return.
    pub fn request_return(
        self,
        loan: LoanId,
        asset: SnipeitAssetId,
        report: ReturnReport,
        give_back: GiveBack,
    ) -> Result<Change, ReturnRefused> {
        let loan = self.find_loan(loan).ok_or(ReturnRefused::UnknownLoan)?.clone();
        self.check_return(&loan)?;
        let mut transition = self.begin();
        bring_back(&mut transition, &loan, asset, give_back)?;
        let mut cause = Cause::new(Actor::User(give_back.by), "return_requested");
        if report.is_fine() {
            transition.notify(NotificationEvent::ReturnRequested, Recipient::Technicians, loan.id.0, None);
        } else {
            let message = report.note().map(Message::said);
            transition.notify(NotificationEvent::ReturnedDamaged, Recipient::Technicians, loan.id.0, message);
            cause = cause.because(report.condition().as_str());
        }
        transition.loan_mut(loan.id).returned_as = Some(report);
        Ok(transition.finish(&cause))
    }
}

impl Dossier {
    /// Whether it is out, and nobody has brought it back yet.
    ///
    /// # Errors
    /// Why there is nothing to return.
    pub(super) fn check_return(&self, loan: &Loan) -> Result<(), ReturnRefused> {
        if !loan.status.is_out() {
            return Err(ReturnRefused::NotLent(loan.status));
        }
        if self.is_coming_back(loan) { Err(ReturnRefused::AlreadyUnderWay) } else { Ok(()) }
    }

    /// Whether somebody has brought it back already: its check-in is under way, or follows as soon as it is known what
    /// became of its check-out.
    pub(super) fn is_coming_back(&self, loan: &Loan) -> bool {
        let is_live = |operation: &Operation| operation.kind == OperationKind::CheckIn;
        loan.return_wished_by.is_some() || self.find_live_operation(loan.id).is_some_and(is_live)
    }
}

/// Ends a loan that is out: by a check-in, at once, or as soon as it is known what became of its check-out.
///
/// # Errors
/// Nothing is known of its tenure.
pub(super) fn bring_back(
    transition: &mut Transition,
    loan: &Loan,
    asset: SnipeitAssetId,
    give_back: GiveBack,
) -> Result<(), ReturnRefused> {
    if loan.status == LoanStatus::HandedOver {
        take_back(transition, loan.id, give_back);
        return Ok(());
    }
    let operation = check_in(loan, asset, give_back.by).ok_or(ReturnRefused::NotLent(loan.status))?;
    transition.change.jobs.push(NewJob::run_at_desk(operation.id));
    transition.after.operations.push(operation);
    Ok(())
}

/// It was handed over, and Snipe-IT has not said yet that it is checked out.
fn take_back(transition: &mut Transition, loan: LoanId, give_back: GiveBack) {
    if !give_back.is_forgetful {
        withdraw_check_out(transition, loan, give_back.now);
    }
    if transition.after.find_live_operation(loan).is_some() {
        transition.loan_mut(loan).return_wished_by = Some(give_back.by);
    } else {
        returned(transition, loan);
    }
}

/// Gives up a loan's check-out of which nothing was ever sent; any other stays. `now`: real time.
pub(super) fn withdraw_check_out(transition: &mut Transition, loan: LoanId, now: DateTime<Utc>) {
    let live = transition.after.operations.iter_mut().find(|operation| {
        operation.loan_id == loan && operation.kind == OperationKind::CheckOut && !operation.state.is_settled()
    });
    let Some(operation) = live else { return };
    let (mut withdrawn, _) = decide(operation.clone(), Event::CancelWished);
    if withdrawn.state.is_settled() {
        withdrawn.settled_at = Some(now);
        *operation = withdrawn;
    }
}

/// `None`: nothing is known of its tenure, so there is nothing that we may end.
pub(super) fn check_in(loan: &Loan, asset: SnipeitAssetId, by: UserId) -> Option<Operation> {
    let (user, last_checkout) = (loan.snipeit_user_id?, loan.fingerprint?);
    Some(Operation {
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
    })
}
