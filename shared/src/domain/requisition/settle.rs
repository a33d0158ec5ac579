//! Settling: what the end of an operation means for its loan, its requisition and the people who wait.

use super::{
    Dossier, Loan, LoanStatus, Transition,
    give_back::{check_in, withdraw_check_out},
    submit::check_out,
    watch::begin_watch,
};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Recipient},
    equipment::Unit,
    finding::{FindingKind, NewFinding},
    id::{FindingId, LoanId, OperationId, UserId},
    inventory::SnipeitUserId,
    job::{DueTime, NewJob},
    notification::{Message, NotificationEvent},
    operation::{Missed, Operation, OperationKind, PersonNeeded, Verdict},
    person::Language,
    reason::{Ground, Reason},
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// What settling needs to know beside the operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Real time: operations go by it. Loans go by the lab's, which the dossier brings.
    pub now: DateTime<Utc>,
    pub cause: Cause,
    /// Who the borrower is in Snipe-IT; a check-out is sent only when that is known.
    pub borrower: Option<SnipeitUserId>,
    /// Another free unit of the model, for a verdict that asks for one.
    pub substitute: Substitute,
}

/// Another unit for a line that names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Substitute {
    NotNeeded,
    NoneFree,
    Unit(Unit),
}

impl Dossier {
    /// Stores an operation that moved without being settled.
    pub fn advance(self, operation: Operation, cause: &Cause) -> Change {
        let mut transition = self.begin();
        let id = operation.id;
        *transition.operation_mut(id) = operation;
        transition.finish(cause)
    }

    /// Snipe-IT lent the unit to somebody else, so this loan's tenure is over: our record follows. A check-out of it that
    /// still waits is not wanted any more. `now`: real time.
    pub fn adopt_return(self, loan: LoanId, now: DateTime<Utc>) -> Change {
        let mut transition = self.begin();
        withdraw_check_out(&mut transition, loan, now);
        returned(&mut transition, loan);
        transition.finish(&Cause::new(Actor::Snipeit, "return_adopted"))
    }

    /// Carries the verdict on an operation to its loan and its requisition.
    ///
    /// `raised` are findings that people should see although it goes on by itself.
    pub fn settle(self, operation: Operation, verdict: &Verdict, raised: &[FindingKind], follow: &FollowUp) -> Change {
        let mut transition = self.begin();
        let (id, loan, kind) = (operation.id, operation.loan_id, operation.kind);
        *transition.operation_mut(id) =
            Operation { settled_at: operation.state.is_settled().then_some(follow.now), ..operation };
        match (verdict, kind) {
            (Verdict::Applied, OperationKind::CheckOut) => checked_out(&mut transition, id, loan, follow),
            (Verdict::Applied, OperationKind::CheckIn) => returned(&mut transition, loan),
            (Verdict::AnotherUnit(missed), _) => another_unit(&mut transition, id, loan, missed, follow),
            (Verdict::NotApplied(missed), OperationKind::CheckOut) => {
                let why = why_missed(&transition, id, missed);
                not_checked_out(&mut transition, id, loan, Some(why));
            }
            (Verdict::Abandoned, OperationKind::CheckOut) => not_checked_out(&mut transition, id, loan, None),
            // The equipment is still out; a return can be asked for again.
            (Verdict::NotApplied(_) | Verdict::Abandoned, OperationKind::CheckIn) => {}
            (Verdict::WithPerson(why), _) => ask_person(&mut transition, id, *why),
        }
        for kind in raised {
            raise(&mut transition, id, *kind);
        }
        transition.finish(&follow.cause)
    }
}

fn checked_out(transition: &mut Transition, id: OperationId, loan: LoanId, follow: &FollowUp) {
    let fingerprint = transition.operation_mut(id).fingerprint;
    let now = transition.after.now;
    let loan = transition.loan_mut(loan);
    let was = loan.status;
    loan.status = LoanStatus::CheckedOut;
    loan.checked_out_at = Some(now);
    loan.fingerprint = fingerprint;
    loan.snipeit_user_id = follow.borrower;
    if let Some(by) = loan.return_wished_by.take() {
        let loan = loan.clone();
        return check_in_again(transition, id, &loan, by);
    }
    let loan = loan.id;
    went_out(transition, loan, was);
}

/// What follows when Snipe-IT says that a loan is out.
pub(super) fn went_out(transition: &mut Transition, loan: LoanId, was: LoanStatus) {
    if !was.is_out() {
        begin_watch(transition, loan);
    }
    // Whoever has it in their hands need not be told that it is ready.
    if was != LoanStatus::HandedOver && transition.nothing_left_to_check_out() {
        transition.notify_requester(NotificationEvent::CheckedOut, None);
    }
}

/// It was brought back while nobody knew yet whether it was checked out.
fn check_in_again(transition: &mut Transition, id: OperationId, loan: &Loan, by: UserId) {
    let asset = transition.operation_mut(id).asset;
    if let Some(operation) = check_in(loan, asset, by) {
        transition.change.jobs.push(NewJob::run_at_desk(operation.id));
        transition.after.operations.push(operation);
    }
}

/// `why` not; `None`: a technician has given it up.
fn not_checked_out(transition: &mut Transition, id: OperationId, loan: LoanId, why: Option<Reason>) {
    let (status, is_back) = {
        let loan = transition.loan_mut(loan);
        (loan.status, loan.return_wished_by.is_some())
    };
    match (status, why) {
        (LoanStatus::Promised, why) => failed(transition, loan, why.unwrap_or_else(|| Ground::GivenUp.into())),
        (LoanStatus::HandedOver, _) if is_back => returned(transition, loan),
        (LoanStatus::HandedOver, Some(why)) => hand_over_refused(transition, id, why),
        // The borrower has it all the same, and whoever gave the check-out up knows.
        (LoanStatus::HandedOver, None) => {}
        (LoanStatus::CheckedOut | LoanStatus::Returned | LoanStatus::Failed | LoanStatus::Released, _) => {}
    }
}

/// The borrower has the unit, whatever Snipe-IT says: it is a person's to find out why, and to try again.
fn hand_over_refused(transition: &mut Transition, id: OperationId, why: Reason) {
    let requisition_id = Some(transition.after.requisition.id);
    let evidence = evidence(transition.operation_mut(id));
    transition.change.findings.push(NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::HandOverRefused,
        subject_id: id.0,
        requisition_id,
        summary: "A unit was handed over at the counter, and Snipe-IT does not check it out.".to_owned(),
        evidence,
    });
    transition.notify_technicians(NotificationEvent::HandOverRefused, Some(Message::Reason(why)));
}

pub(super) fn returned(transition: &mut Transition, loan: LoanId) {
    let now = transition.after.now;
    let loan = transition.loan_mut(loan);
    // Adopted already, when Snipe-IT had lent the unit on: told once, and with the time of then.
    if loan.status == LoanStatus::Returned {
        return;
    }
    loan.status = LoanStatus::Returned;
    loan.returned_at = Some(now);
    loan.return_wished_by = None;
    let (borrower, id, is_replaced) = (loan.borrower_id, loan.id, loan.replaced_at.is_some());
    // Whoever has got another unit in its place was told so, and has nothing less than before.
    if !is_replaced {
        transition.notify(NotificationEvent::Returned, Recipient::User(borrower), id.0, None);
    }
}

fn another_unit(transition: &mut Transition, id: OperationId, loan: LoanId, missed: &Missed, follow: &FollowUp) {
    let Substitute::Unit(unit) = follow.substitute else {
        let (now, asked) = (transition.after.now, transition.loan_mut(loan).period);
        let beside = if asked.due_at <= now { Ground::NotCheckedOutInTime } else { Ground::NoOtherUnitFree };
        let why = why_missed(transition, id, missed).and(beside);
        return failed(transition, loan, why);
    };
    let (units_tried, requested_by) = {
        let refused = transition.operation_mut(id);
        (refused.units_tried + 1, refused.requested_by)
    };
    let loan = transition.loan_mut(loan);
    loan.equipment_id = unit.id;
    let loan = loan.clone();
    let next = check_out(&loan, unit, true, units_tried, requested_by);
    transition.change.jobs.push(NewJob::run_straight_through(next.id, DueTime::AtOnce));
    transition.after.operations.push(next);
}

fn failed(transition: &mut Transition, loan: LoanId, why: Reason) {
    let loan = transition.loan_mut(loan);
    loan.status = LoanStatus::Failed;
    loan.failure = Some(why.in_words(Language::En));
    let why = Some(Message::Reason(why));
    transition.notify_requester(NotificationEvent::Failed, why.clone());
    transition.notify_technicians(NotificationEvent::Failed, why);
    let something_is_out = transition.after.loans.iter().any(|loan| loan.status.is_out());
    if something_is_out && transition.nothing_left_to_check_out() {
        transition.notify_requester(NotificationEvent::CheckedOut, None);
    }
}

fn ask_person(transition: &mut Transition, id: OperationId, why: PersonNeeded) {
    let requisition_id = Some(transition.after.requisition.id);
    let evidence = evidence(transition.operation_mut(id));
    transition.change.findings.push(NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::OperationWithPerson,
        subject_id: id.0,
        requisition_id,
        summary: why.summary().to_owned(),
        evidence,
    });
    let why = Message::Reason(Ground::PersonNeeded { why }.into());
    transition.notify_technicians(NotificationEvent::NeedsPerson, Some(why));
}

fn raise(transition: &mut Transition, id: OperationId, kind: FindingKind) {
    let requisition_id = Some(transition.after.requisition.id);
    let evidence = evidence(transition.operation_mut(id));
    let summary = match kind {
        FindingKind::PaintedOver => "Our check-out took place, but somebody checked the asset out again after it.",
        FindingKind::HeldBySomebodyElse => "When our check-in was due, somebody else held the asset already.",
        _ => "Snipe-IT shows something else than expected.",
    };
    transition.change.findings.push(NewFinding {
        id: FindingId::generate(),
        kind,
        subject_id: id.0,
        requisition_id,
        summary: summary.to_owned(),
        evidence,
    });
}

pub(super) fn evidence(operation: &Operation) -> serde_json::Value {
    json!({
        "operation_id": operation.id,
        "kind": operation.kind,
        "snipeit_asset_id": operation.asset,
        "marker": operation.id.marker(),
        "fingerprint": operation.fingerprint,
        "tenure_checkout": operation.tenure.map(|tenure| tenure.last_checkout),
        "attempts": operation.attempts,
        "refusal": operation.refusal,
    })
}

/// What the requester is told; Snipe-IT's own words are quoted, whatever their language.
fn why_missed(transition: &Transition, id: OperationId, missed: &Missed) -> Reason {
    let refusal = match missed {
        Missed::RefusedThoughAvailable | Missed::UnitUnavailable | Missed::UnitMissing => {
            transition.after.find_operation(id).and_then(|operation| operation.refusal.clone())
        }
        Missed::OutOfRuns | Missed::SettledByPerson => None,
    };
    Ground::NotCheckedOut { missed: missed.clone(), refusal }.into()
}
