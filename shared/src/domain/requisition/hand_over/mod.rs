//! Handing over at the counter: a fact of ours, recorded at once. Snipe-IT follows, and its refusal is a finding.

mod choose;
mod exchange;
mod free;
mod refused;
mod retry;
mod uncollected;

pub use refused::{HandOverRefused, UnitRefused};
pub use retry::RetryRefused;
pub use uncollected::{Uncollected, UnitThere};

use self::choose::Place;
use super::{
    Dossier, Extension, Loan, LoanStatus, Period, ReturnReport, Transition, give_back::withdraw_check_out,
    submit::check_out, watch::begin_watch,
};
use crate::domain::{
    actor::Actor,
    availability::UnitPlan,
    change::{Cause, Change, Entity, Recipient},
    equipment::Unit,
    field_change::FieldChange,
    id::{LineId, LoanId, ModelId, UserId},
    inventory::SnipeitAssetId,
    job::NewJob,
    notification::NotificationEvent,
    permission::{Denied, Permission, Place as Standing},
    user::Role,
};
use chrono::{DateTime, TimeDelta, Utc};

/// A unit as it lies on the counter, with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitAtCounter {
    pub unit: Unit,
    pub tag: String,
    pub model_id: ModelId,
    pub model_name: String,
    /// What was seen and is planned of it; `None`: Snipe-IT does not list it. What is kept for the requester keeps it from
    /// nothing.
    pub plan: Option<UnitPlan>,
    /// Another requisition by which it is out by our records.
    pub out_on: Option<String>,
    /// Another requisition of which nobody knows yet whether it was checked out for it.
    pub in_doubt_on: Option<String>,
    /// Other requisitions to which it is promised.
    pub kept_for: Vec<KeptFor>,
    pub wish: ForLoan,
    /// The unit in Snipe-IT of the loan that the wish names, if it names one.
    pub comes_back: Option<SnipeitAssetId>,
    pub brought_back: BroughtBack,
    /// By its tag, not by an id that somebody has looked up.
    pub is_scanned: bool,
}

/// What is said of the unit that comes back, and what waits for its loan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BroughtBack {
    /// `None`: nobody says anything.
    pub report: Option<ReturnReport>,
    /// More time that was asked for.
    pub wish: Option<Extension>,
}

/// To whom a unit is promised, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFor {
    /// Its number.
    pub requisition: String,
    pub period: Period,
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
    /// Between a return and the next loan of the same unit, by the lab's settings.
    pub buffer: TimeDelta,
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
        let standing = Standing { role: desk.role, member: None, in_place_of: None, owns, has_part: false };
        match Permission::HandOver.check(standing) {
            Ok(()) => {}
            Err(Denied::Own) => return Err(HandOverRefused::ToOneself),
            Err(Denied::Hidden | Denied::Role | Denied::MemberRole | Denied::Conflict) => {
                return Err(HandOverRefused::NotStaff);
            }
        }
        let status = self.requisition.status;
        if !Permission::HandOver.rule().allowed_while.allows_requisition(status) {
            return Err(HandOverRefused::NothingWaits(status));
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
        check_reports(&chosen)?;
        let mut transition = self.begin();
        let mut cause = Cause::new(Actor::User(desk.by), "handed_over");
        cause.reason = note;
        let mut moved = Vec::new();
        for (place, at_counter) in chosen {
            match place {
                Place::Promised(loan) => give(&mut transition, loan, at_counter, desk),
                Place::InsteadOf(loan) => moved.extend(exchange::exchange(&mut transition, &loan, at_counter, desk)),
            }
        }
        let (borrower, subject) = (transition.after.requisition.requester_id, transition.after.requisition.id.0);
        transition.notify(NotificationEvent::HandedOver, Recipient::User(borrower), subject, None);
        let mut change = transition.finish(&cause);
        change.writes.extend(moved);
        Ok(change)
    }
}

/// Nobody says for nothing in which condition a unit comes back.
fn check_reports(chosen: &[(Place, &UnitAtCounter)]) -> Result<(), HandOverRefused> {
    let comes_back = |place: &Place| matches!(place, Place::InsteadOf(_));
    let mut said = chosen.iter().filter(|(_, at_counter)| at_counter.brought_back.report.is_some());
    match said.find(|(place, _)| !comes_back(place)) {
        None => Ok(()),
        Some((_, given)) => Err(HandOverRefused::Unit { tag: given.tag.clone(), why: UnitRefused::NothingComesBack }),
    }
}

fn give(transition: &mut Transition, loan: LoanId, at_counter: &UnitAtCounter, desk: AtDesk) {
    withdraw_check_out(transition, loan, desk.now);
    let now = transition.after.now;
    let loan = transition.loan_mut(loan);
    let kept = loan.equipment_id;
    loan.equipment_id = at_counter.unit.id;
    loan.status = LoanStatus::HandedOver;
    loan.handed_over_at = Some(now);
    loan.handed_over_by = Some(desk.by);
    let id = loan.id;
    begin_watch(transition, id);
    let loan = transition.loan_mut(id).clone();
    check_out_now(transition, &loan, at_counter, desk);
    if let Some(exchanged) = FieldChange::between("equipment_id", &kept, &loan.equipment_id) {
        let why = format!("{} was given instead of the unit that was kept", at_counter.tag);
        tell_exchange(transition, &loan, LoanStatus::Promised, desk, why);
        transition.note_changes(vec![exchanged]);
    }
}

/// The borrower holds this very unit: another one would be no substitute.
fn check_out_now(transition: &mut Transition, loan: &Loan, at_counter: &UnitAtCounter, desk: AtDesk) {
    let operation = check_out(loan, at_counter.unit, false, 1, Some(desk.by));
    transition.change.jobs.push(NewJob::run_at_desk(operation.id));
    transition.after.operations.push(operation);
}

fn tell_exchange(transition: &mut Transition, loan: &Loan, status: LoanStatus, desk: AtDesk, why: String) -> Cause {
    let cause = Cause::new(Actor::User(desk.by), "unit_exchanged").because(why);
    transition.record(Entity::Loan, loan.id.0, Some(status.as_str()), status.as_str(), &cause);
    cause
}
