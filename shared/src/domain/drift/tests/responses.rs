//! What is told of a difference, and when it is told no longer.

use super::*;
use crate::domain::{
    change::{Change, Recipient, Write},
    drift::{OpenFinding, Told, respond, told_over},
    finding::FindingKind,
    id::FindingId,
    notification::NotificationEvent,
};

fn said(picture: &Picture, told: &Told) -> Change {
    respond(picture, of(picture), told, lisbon())
}

fn with_bruno() -> Picture {
    let mut picture = out();
    picture.sight.holder = Some(Holder::user(BRUNO));
    picture
}

fn open(drift: Drift) -> OpenFinding {
    OpenFinding { id: FindingId::generate(), loan: LoanId::generate(), requisition_id: None, mark: drift.mark() }
}

/// With it goes the letter that nobody has got yet.
fn closed(finding: &OpenFinding) -> Vec<Write> {
    vec![told_over(finding.loan), Write::CloseFinding(finding.id)]
}

fn to_bruno() -> Drift {
    Drift::HeldByAnother { holder: Holder::user(BRUNO) }
}

#[test]
fn a_drift_is_told_once_with_what_was_expected_what_was_seen_and_when() {
    let change = said(&with_bruno(), &Told::default());

    let [finding] = &change.findings[..] else { panic!("one finding: {change:?}") };
    assert_eq!(finding.kind, FindingKind::UnitWithAnother);
    assert_eq!(finding.evidence["expected"]["tenure"]["user"], 7);
    assert_eq!(finding.evidence["seen"]["holder"]["id"], 8);
    assert_eq!(finding.evidence["proposal"], "adopted");
    assert!(finding.evidence["asked_at"].is_string());
    let [letter] = &change.notifications[..] else { panic!("one letter: {change:?}") };
    assert_eq!((letter.event, letter.to), (NotificationEvent::DriftFound, Recipient::Technicians));

    let told = Told { open: vec![open(to_bruno())], ignored: None };
    assert_eq!(said(&with_bruno(), &told), Change::default());
}

#[test]
fn another_drift_closes_the_former_finding_and_a_right_picture_closes_all() {
    let former = open(Drift::NotHeld);
    let told = Told { open: vec![former.clone()], ignored: None };

    let change = said(&with_bruno(), &told);
    assert_eq!((change.writes, change.findings.len()), (closed(&former), 1));

    let right = said(&out(), &told);
    assert_eq!((right.writes, right.findings.len()), (closed(&former), 0));
    assert_eq!(right.history[0].to_status, "passed");
}

#[test]
fn what_is_ignored_is_told_again_only_after_it_has_changed() {
    let picture = with_bruno();
    let told = Told { open: vec![], ignored: Some(to_bruno().mark()) };
    assert_eq!(said(&picture, &told), Change::default());

    let forgotten = vec![Write::IgnoreDrift(picture.loan.id, None)];
    let mut right = picture.clone();
    right.sight.holder = Some(Holder::user(ANA));
    assert_eq!(said(&right, &told).writes, forgotten);
    let mut other = picture;
    other.sight.holder = Some(Holder::user(SnipeitUserId(9)));
    let change = said(&other, &told);
    assert_eq!((change.writes, change.findings.len()), (forgotten, 1));
}

#[test]
fn while_nothing_can_be_judged_nothing_is_said_and_nothing_closed() {
    let mut picture = with_bruno();
    picture.effects[0].state = OperationState::Unknown;
    let told = Told { open: vec![open(Drift::NotHeld)], ignored: Some(to_bruno().mark()) };
    assert_eq!(said(&picture, &told), Change::default());
}
