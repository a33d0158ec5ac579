//! Drift in the words of the findings inbox: which finding, what it says, what stands beside it as evidence.

use super::{Drift, Picture, SnipeitClock};
use crate::domain::{
    finding::{FindingKind, NewFinding},
    id::FindingId,
    lab_day,
    requisition::LoanStatus,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

impl Drift {
    pub fn kind(self) -> FindingKind {
        match self {
            Self::NotHeld => FindingKind::UnitNotHeld,
            Self::HeldByAnother { .. } => FindingKind::UnitWithAnother,
            Self::CheckedOutAgain { .. } => FindingKind::CheckedOutAgain,
            Self::LentByHand { .. } => FindingKind::LentByHand,
            Self::PromisedAndHeld { .. } => FindingKind::PromisedUnitHeld,
            Self::NotDeployable => FindingKind::UnitNotDeployable,
            Self::DateMoved { .. } => FindingKind::DueDateMoved,
            Self::Archived => FindingKind::UnitArchived,
            Self::Gone => FindingKind::UnitGone,
        }
    }

    /// By which the same drift is known again.
    pub fn mark(self) -> Value {
        json!(self)
    }

    fn summary(self, status: LoanStatus) -> &'static str {
        let is_promised = status == LoanStatus::Promised;
        match self {
            Self::NotHeld => "A unit is out by our record, and nobody holds it in Snipe-IT.",
            Self::HeldByAnother { .. } => "A unit is out by our record, and somebody else holds it in Snipe-IT.",
            Self::CheckedOutAgain { .. } => "The borrower holds a unit in Snipe-IT by another check-out than ours.",
            Self::LentByHand { .. } if is_promised => "A promised unit was checked out to its borrower by hand.",
            Self::LentByHand { .. } => "A unit that was handed over was checked out to its borrower by hand.",
            Self::PromisedAndHeld { .. } => "A unit that is promised for soon is with somebody else in Snipe-IT.",
            Self::NotDeployable => "The label of a promised unit does not allow lending.",
            Self::DateMoved { .. } => "Snipe-IT expects a unit that is out on another day than our record.",
            Self::Archived if is_promised => "A promised unit was archived in Snipe-IT.",
            Self::Archived => "A unit that is out was archived in Snipe-IT.",
            Self::Gone if is_promised => "A promised unit was deleted in Snipe-IT.",
            Self::Gone => "A unit that is out was deleted in Snipe-IT.",
        }
    }
}

/// The finding about one drift: what we expected, what was seen, and when. Ids alone, no personal data.
pub(super) fn finding(picture: &Picture, drift: Drift, clock: SnipeitClock) -> NewFinding {
    let (loan, sight) = (&picture.loan, &picture.sight);
    NewFinding {
        id: FindingId::generate(),
        kind: drift.kind(),
        subject_id: loan.id.0,
        requisition_id: Some(loan.requisition_id),
        summary: drift.summary(loan.status).to_owned(),
        evidence: json!({
            "drift": drift.mark(),
            "expected": {
                "status": loan.status,
                "borrower": loan.borrower,
                "tenure": loan.tenure,
                "starts_at": loan.period.starts_at,
                "due_at": loan.period.due_at,
            },
            "seen": {
                "snipeit_asset_id": sight.asset,
                "presence": sight.presence,
                "label_kind": sight.label,
                "label_is_kept_back": sight.is_kept_back,
                "holder": sight.holder,
                "last_checkout": sight.last_checkout,
                "last_checkin": sight.last_checkin,
                "expected_checkin": sight.expected_checkin,
                "last_checkout_by": picture.shown_operation,
            },
            "asked_at": sight.asked_at,
            "since": since(picture, drift, clock),
            "due_at": due_at(drift, clock),
            "proposal": drift.kind().resolutions()[0],
        }),
    }
}

/// The schema, by the constraint of this name, does not let our record become what was decided about a loan. Its drift was
/// not told.
pub fn not_written(picture: &Picture, constraint: &str) -> NewFinding {
    NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::DriftNotWritten,
        subject_id: picture.loan.id.0,
        requisition_id: Some(picture.loan.requisition_id),
        summary: "What Snipe-IT shows of a unit is against our rules, and did not become part of our record."
            .to_owned(),
        evidence: json!({
            "constraint": constraint,
            "snipeit_asset_id": picture.sight.asset,
            "asked_at": picture.sight.asked_at,
        }),
    }
}

/// When it came about, where Snipe-IT tells it.
fn since(picture: &Picture, drift: Drift, clock: SnipeitClock) -> Option<DateTime<Utc>> {
    let sight = &picture.sight;
    let begun = picture.loan.tenure.map(|tenure| tenure.last_checkout);
    let at = match drift {
        Drift::NotHeld | Drift::HeldByAnother { .. } => sight.last_checkin.filter(|at| Some(*at) > begun),
        Drift::CheckedOutAgain { .. } | Drift::LentByHand { .. } | Drift::PromisedAndHeld { .. } => sight.last_checkout,
        Drift::NotDeployable | Drift::DateMoved { .. } | Drift::Archived | Drift::Gone => None,
    };
    at.and_then(|at| clock.instant(at))
}

/// The end of that day at the lab.
fn due_at(drift: Drift, clock: SnipeitClock) -> Option<DateTime<Utc>> {
    let Drift::DateMoved { expected_checkin } = drift else { return None };
    lab_day::end_of(expected_checkin, clock.lab)
}
