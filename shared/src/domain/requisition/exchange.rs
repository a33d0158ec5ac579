//! Exchanging the unit of a promise before its loan begins. The period stays as it was planned.

use super::{Dossier, Loan, LoanStatus, Transition, submit::check_out};
use crate::domain::{
    actor::Actor,
    availability::Obstacle,
    change::{Cause, Change, Recipient},
    equipment::Unit,
    id::{LoanId, ModelId, OperationId},
    job::{DueTime, Lane, NewJob},
    notification::NotificationEvent,
    operation::{Event, OperationState, decide},
};

/// A promise of which nothing has been sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPromise {
    pub loan: Loan,
    pub model_id: ModelId,
    /// The line asks for any unit of its model.
    pub any_unit: bool,
    /// The check-out that waits for the loan to begin.
    waiting: Option<OperationId>,
}

impl Dossier {
    /// `None` where the loan is not a promise any more, or its check-out is on its way.
    pub fn find_open_promise(&self, id: LoanId) -> Option<OpenPromise> {
        let loan = self.find_loan(id).filter(|loan| loan.status == LoanStatus::Promised)?.clone();
        let line = self.lines.iter().find(|line| line.id == loan.line_id)?;
        let (model_id, any_unit) = (line.granted().model_id, !line.granted().units_are_named);
        let waiting = match self.find_live_operation(id) {
            None => None,
            Some(next) if next.state == OperationState::Waiting && next.attempts == 0 && !next.in_doubt => {
                Some(next.id)
            }
            Some(_) => return None,
        };
        Some(OpenPromise { loan, model_id, any_unit, waiting })
    }

    /// The promise names another unit from now on; its check-out is withdrawn and asked for again.
    pub fn exchange_unit(self, promise: &OpenPromise, unit: Unit, why: Obstacle) -> Change {
        let now = self.now;
        let mut transition = self.begin();
        let loan = transition.loan_mut(promise.loan.id);
        loan.equipment_id = unit.id;
        let loan = loan.clone();
        if let Some(waiting) = promise.waiting {
            let former = transition.operation_mut(waiting);
            let (mut abandoned, _) = decide(former.clone(), Event::CancelWished);
            abandoned.settled_at = Some(now);
            *former = abandoned;
            let next = check_out(&loan, unit, promise.any_unit, former.units_tried, former.requested_by);
            let due = DueTime::Lab(loan.period.starts_at);
            transition.change.jobs.push(NewJob::run_operation(next.id, Lane::Counter, due));
            transition.after.operations.push(next);
        }
        transition.finish(&Cause::new(Actor::System, "unit_exchanged").because(why.reason()))
    }

    /// The borrower and the technicians hear that the unit may not be there in time.
    pub fn tell_promise_at_risk(self, promise: &OpenPromise) -> Change {
        let mut transition: Transition = self.begin();
        let (event, subject) = (NotificationEvent::PromiseAtRisk, promise.loan.id.0);
        transition.notify(event, Recipient::User(promise.loan.borrower_id), subject, None);
        transition.notify(event, Recipient::Technicians, subject, None);
        transition.finish(&Cause::new(Actor::System, "promise_at_risk"))
    }
}
