//! Exchanging the unit of a promise that will not be there, or is not there. The period stays as it was planned.

use super::{Dossier, Loan, LoanStatus, Period, Transition, submit::check_out};
use crate::domain::{
    actor::Actor,
    availability::{Obstacle, OccupationKind, UnitPlan},
    change::{Cause, Change, Recipient},
    equipment::Unit,
    id::{EquipmentId, LoanId, ModelId, OperationId},
    job::{DueTime, NewJob},
    notification::NotificationEvent,
    operation::{Event, OperationState, decide},
};
use chrono::{DateTime, Utc};

/// A promise of which nothing has been sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPromise {
    pub loan: Loan,
    pub model_id: ModelId,
    /// The line asks for any unit of its model.
    pub any_unit: bool,
    /// The check-out that waits for the loan to begin.
    pub(super) waiting: Option<OperationId>,
}

impl OpenPromise {
    /// Nothing is sent for it before somebody hands it over.
    pub fn waits_at_counter(&self) -> bool {
        self.waiting.is_none()
    }

    /// For when a unit is wanted still; `None`: the loan's time is over.
    pub fn still_wanted(&self, now: DateTime<Utc>) -> Option<Period> {
        let Period { starts_at, due_at } = self.loan.period;
        (now < due_at).then_some(Period { starts_at: starts_at.max(now), due_at })
    }

    /// The units that cannot take its place: its own, and what is promised or lent in a part of its period that has passed.
    pub fn out_of_question(&self, plans: &[UnitPlan]) -> Vec<EquipmentId> {
        let is_taken = |plan: &&UnitPlan| {
            let mut taken = plan.occupations.iter().filter(|planned| planned.kind != OccupationKind::Held);
            taken.any(|planned| planned.period.overlaps(self.loan.period))
        };
        plans.iter().filter(is_taken).map(|plan| plan.unit.id).chain([self.loan.equipment_id]).collect()
    }
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

    /// The promise names another unit from now on; its check-out is withdrawn and asked for again. `told`: people were told
    /// that its unit may not be there.
    pub fn exchange_unit(self, promise: &OpenPromise, unit: Unit, why: Obstacle, told: bool) -> Change {
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
            transition.change.jobs.push(NewJob::run_straight_through(next.id, due));
            transition.after.operations.push(next);
        }
        if told {
            tell_borrower(&mut transition, promise);
        }
        transition.finish(&Cause::new(Actor::System, "unit_exchanged").because(why.reason()))
    }

    /// The borrower and the technicians hear that the unit may not be there in time; history tells why.
    pub fn tell_promise_at_risk(self, promise: &OpenPromise, why: Obstacle) -> Change {
        let mut transition: Transition = self.begin();
        let (event, subject) = (NotificationEvent::PromiseAtRisk, promise.loan.id.0);
        transition.notify(event, Recipient::User(promise.loan.borrower_id), subject, None);
        transition.notify(event, Recipient::Technicians, subject, None);
        let cause = Cause::new(Actor::System, "promise_at_risk").because(why.reason());
        transition.tell_of_loan(&promise.loan, &cause);
        transition.finish(&cause)
    }

    /// The unit of which people were told that it may not be there is there after all.
    pub fn tell_unit_is_there(self, promise: &OpenPromise) -> Change {
        let mut transition: Transition = self.begin();
        transition.mark_moot_of(promise.loan.id, &[NotificationEvent::PromiseAtRisk]);
        tell_borrower(&mut transition, promise);
        let cause = Cause::new(Actor::System, "unit_is_there");
        transition.tell_of_loan(&promise.loan, &cause);
        transition.finish(&cause)
    }
}

fn tell_borrower(transition: &mut Transition, promise: &OpenPromise) {
    let to = Recipient::User(promise.loan.borrower_id);
    transition.notify(NotificationEvent::UnitIsThere, to, promise.loan.id.0, None);
}
