//! What follows from a judgement: a finding is raised once, closes itself when it is over, and what is ignored stays so
//! until something else is shown.

use super::{Judgement, Picture, SnipeitClock, words::finding};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity, HistoryEntry, NewNotification, Recipient, Write, entry},
    finding::{FindingState, NewFinding, Resolution},
    id::{FindingId, LoanId, NotificationId, RequisitionId},
    notice::Moot,
    notification::NotificationEvent,
};
use serde_json::Value;

/// What was said of a loan's drift before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    pub open: Vec<OpenFinding>,
    /// The mark of the drift that a person ignores.
    pub ignored: Option<Value>,
}

/// A finding about a loan's drift that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinding {
    pub id: FindingId,
    pub loan: LoanId,
    pub requisition_id: Option<RequisitionId>,
    /// The mark of its drift.
    pub mark: Value,
}

/// Nothing to write where all of it was said already. The return of a loan is not in it: its dossier brings that.
pub fn respond(picture: &Picture, judgement: Judgement, told: &Told, clock: SnipeitClock) -> Change {
    let drift = match judgement {
        Judgement::NotYet => return Change::default(),
        Judgement::AsExpected | Judgement::ReturnedByHand { .. } => None,
        Judgement::Drifted(drift) => Some(drift),
    };
    let mark = drift.map(super::Drift::mark);
    let mut change = Change::default();
    for over in told.open.iter().filter(|open| Some(&open.mark) != mark.as_ref()) {
        close(&mut change, over);
    }
    let is_ignored = mark.is_some() && told.ignored == mark;
    if told.ignored.is_some() && !is_ignored {
        change.writes.push(Write::IgnoreDrift(picture.loan.id, None));
    }
    let is_open = told.open.iter().any(|open| Some(&open.mark) == mark.as_ref());
    if let Some(drift) = drift.filter(|_| !is_open && !is_ignored) {
        raise(&mut change, picture, finding(picture, drift, clock));
    }
    change
}

/// The loan is over, and so is everything that was to be said of its unit.
pub fn close_all(open: &[OpenFinding]) -> Change {
    let mut change = Change::default();
    for over in open {
        close(&mut change, over);
    }
    change
}

/// What was to be told to technicians of a loan need not be told any more.
pub fn told_over(loan: LoanId) -> Write {
    Write::MarkMoot(Moot { subject_id: loan.0, events: &[NotificationEvent::DriftFound] })
}

/// A person wants to hear no more of this drift.
pub fn ignore(loan: LoanId, mark: Value) -> Change {
    Change { writes: vec![Write::IgnoreDrift(loan, Some(mark))], ..Change::default() }
}

fn raise(change: &mut Change, picture: &Picture, finding: NewFinding) {
    change.notify(NewNotification {
        id: NotificationId::generate(),
        event: NotificationEvent::DriftFound,
        to: Recipient::Technicians,
        requisition_id: finding.requisition_id,
        subject_id: picture.loan.id.0,
        message: None,
    });
    change.findings.push(finding);
}

fn close(change: &mut Change, finding: &OpenFinding) {
    let cause = Cause::new(Actor::System, "finding_settled");
    change.writes.push(told_over(finding.loan));
    change.writes.push(Write::CloseFinding(finding.id));
    let was = Some(FindingState::Open.as_str());
    let told = entry(Entity::Finding, finding.id.0, was, Resolution::Passed.as_str(), &cause);
    change.history.push(HistoryEntry { requisition_id: finding.requisition_id, ..told });
}
