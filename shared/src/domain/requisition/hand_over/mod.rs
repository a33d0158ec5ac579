//! Handing over at the counter: a fact of ours, recorded at once. Snipe-IT follows, and its refusal is a finding.

mod choose;
mod exchange;
mod refused;
mod retry;
mod uncollected;

pub use refused::{HandOverRefused, UnitRefused};
pub use retry::RetryRefused;
pub use uncollected::{PromisedAt, Uncollected};

use self::choose::Place;
use super::{Dossier, Loan, LoanStatus, Transition, give_back::withdraw_check_out, submit::check_out};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity, HistoryEntry, Recipient},
    equipment::Unit,
    id::{LineId, LoanId, ModelId, UserId},
    job::{DueTime, Lane, NewJob},
    notification::NotificationEvent,
    permission::{Denied, Permission, Place as Standing},
    user::Role,
};
use chrono::{DateTime, Utc};

/// A unit as it lies on the counter, with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitAtCounter {
    pub unit: Unit,
    pub tag: String,
    pub model_id: ModelId,
    pub model_name: String,
    /// Snipe-IT lists it, and its label lets it be lent.
    pub is_lendable: bool,
    /// Snipe-IT shows it with somebody.
    pub is_held: bool,
    /// The requisition by which it is out by our records.
    pub out_on: Option<String>,
    /// Another requisition for which it is kept at some time from now until the end of this period.
    pub kept_for: Option<String>,
    pub wish: ForLoan,
    /// By its tag, not by an id that somebody has looked up.
    pub is_scanned: bool,
}

/// Who stands behind the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtDesk {
    pub by: UserId,
    pub role: Role,
    /// Real time: operations go by it.
    pub now: DateTime<Utc>,
    /// The database may have forgotten what was sent, so nothing counts as never sent.
    pub is_forgetful: bool,
}

/// Which of the loans the unit is for, if that was said. A loan that is out ends, and the unit takes its unit's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ForLoan {
    pub line: Option<LineId>,
    pub loan: Option<LoanId>,
}

impl Dossier {
    /// Whether somebody may hand anything of it over now, whatever they have in their hands.
    ///
    /// # Errors
    /// The rule that says no.
    pub fn check_hand_over(&self, desk: AtDesk) -> Result<(), HandOverRefused> {
        let owns =
            self.requisition.requester_id == desk.by || self.loans.iter().any(|loan| loan.borrower_id == desk.by);
        match Permission::HandOver.check(Standing { role: desk.role, member: None, in_place_of: None, owns }) {
            Ok(()) => {}
            Err(Denied::Own) => return Err(HandOverRefused::ToOneself),
            Err(Denied::Hidden | Denied::Role | Denied::MemberRole) => return Err(HandOverRefused::NotStaff),
        }
        let status = self.requisition.status;
        if !Permission::HandOver.rule().allowed_while.allows_requisition(status) {
            return Err(HandOverRefused::NothingWaits(status));
        }
        if self.requisition.period.due_at <= self.now {
            return Err(HandOverRefused::PeriodOver);
        }
        Ok(())
    }

    /// Records that the borrower has got these units; their check-outs are due at once.
    ///
    /// A loan whose own unit stays in the shelf takes the one that was given: the other is free again, and a check-out of
    /// it that waits is withdrawn. A unit that is out already comes back, and the one in its place is a loan of its own. The
    /// note stands in the history.
    ///
    /// # Errors
    /// The rule that says no, and for which unit; nothing is handed over then.
    pub fn hand_over(
        self,
        desk: AtDesk,
        units: &[UnitAtCounter],
        note: Option<String>,
    ) -> Result<Change, HandOverRefused> {
        self.check_hand_over(desk)?;
        let chosen = choose::places_for(&self, desk, units)?;
        let mut transition = self.begin();
        let mut cause = Cause::new(Actor::User(desk.by), "handed_over");
        cause.reason = note;
        for (place, at_counter) in chosen {
            match place {
                Place::Promised(loan) => give(&mut transition, loan, at_counter, desk),
                Place::InsteadOf(loan) => exchange::exchange(&mut transition, &loan, at_counter, desk),
            }
        }
        let (borrower, subject) = (transition.after.requisition.requester_id, transition.after.requisition.id.0);
        transition.notify(NotificationEvent::HandedOver, Recipient::User(borrower), subject, None);
        Ok(transition.finish(&cause))
    }
}

fn give(transition: &mut Transition, loan: LoanId, at_counter: &UnitAtCounter, desk: AtDesk) {
    withdraw_check_out(transition, loan, desk.now);
    let now = transition.after.now;
    let loan = transition.loan_mut(loan);
    let is_exchanged = loan.equipment_id != at_counter.unit.id;
    loan.equipment_id = at_counter.unit.id;
    loan.status = LoanStatus::HandedOver;
    loan.handed_over_at = Some(now);
    loan.handed_over_by = Some(desk.by);
    let loan = loan.clone();
    check_out_now(transition, &loan, at_counter, desk);
    if is_exchanged {
        let why = format!("{} was given instead of the unit that was kept", at_counter.tag);
        tell_exchange(transition, &loan, LoanStatus::Promised, desk, why);
    }
}

/// The borrower holds this very unit: another one would be no substitute.
fn check_out_now(transition: &mut Transition, loan: &Loan, at_counter: &UnitAtCounter, desk: AtDesk) {
    let operation = check_out(loan, at_counter.unit, false, 1, Some(desk.by));
    transition.change.jobs.push(NewJob::run_operation(operation.id, Lane::Counter, DueTime::AtOnce));
    transition.after.operations.push(operation);
}

fn tell_exchange(transition: &mut Transition, loan: &Loan, status: LoanStatus, desk: AtDesk, why: String) {
    transition.change.history.push(HistoryEntry {
        entity: Entity::Loan,
        entity_id: loan.id.0,
        project_id: None,
        requisition_id: Some(loan.requisition_id),
        event: "unit_exchanged",
        from_status: Some(status.as_str()),
        to_status: status.as_str(),
        actor: Actor::User(desk.by),
        on_behalf_of: None,
        reason: Some(why),
    });
}
