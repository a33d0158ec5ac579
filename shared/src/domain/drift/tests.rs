//! One test for each way in which a record and Snipe-IT can differ.

mod promised;
mod responses;

use super::{Drift, Judgement, LoanOnRecord, OurEffect, Picture, Sight, SnipeitClock, judge};
use crate::domain::{
    equipment::Presence,
    id::{EquipmentId, LoanId, OperationId, RequisitionId},
    inventory::{Holder, HolderKind, LabelKind, SnipeitAssetId, SnipeitUserId},
    lab_day,
    operation::{OperationKind, OperationState, Tenure},
    requisition::{LoanStatus, Period},
};
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use chrono_tz::{America::New_York, Europe::Lisbon, Pacific::Auckland};

pub(super) const ANA: SnipeitUserId = SnipeitUserId(7);
pub(super) const BRUNO: SnipeitUserId = SnipeitUserId(8);
/// The fingerprint lies two minutes before the check-out; Lisbon's winter is UTC.
pub(super) const OURS: &str = "2026-01-10T09:58:00";
pub(super) const SETTLED: &str = "2026-01-10T10:00:00Z";
pub(super) const LATER: &str = "2026-01-10T12:00:00";
pub(super) const ASKED: &str = "2026-01-10T12:01:00Z";

pub(super) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn naive(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

pub(super) fn lisbon() -> SnipeitClock {
    SnipeitClock { zone: chrono_tz::Europe::Lisbon, offset: Duration::zero(), lab: chrono_tz::Europe::Lisbon }
}

pub(super) fn check_out_of(loan: LoanId) -> OurEffect {
    OurEffect {
        operation: OperationId::generate(),
        loan,
        kind: OperationKind::CheckOut,
        state: OperationState::Applied,
        attempts: 1,
        in_doubt: false,
        settled_at: Some(utc(SETTLED)),
        confirmed_at: Some(utc("2026-01-10T10:01:00Z")),
    }
}

/// Out with Ana, confirmed, and shown so.
pub(super) fn out() -> Picture {
    let loan = LoanId::generate();
    Picture {
        now: utc(ASKED),
        loan: LoanOnRecord {
            id: loan,
            requisition_id: RequisitionId::generate(),
            equipment_id: EquipmentId::generate(),
            status: LoanStatus::CheckedOut,
            period: Period { starts_at: utc(SETTLED), due_at: utc("2026-01-20T10:00:00Z") },
            borrower: Some(ANA),
            tenure: Some(Tenure { user: ANA, last_checkout: naive(OURS) }),
        },
        effects: vec![check_out_of(loan)],
        is_with_another_loan: false,
        is_date_on_its_way: false,
        shown_operation: None,
        sight: Sight {
            asset: SnipeitAssetId(1),
            presence: Presence::Listed,
            label: LabelKind::Deployable,
            is_kept_back: false,
            holder: Some(Holder::user(ANA)),
            last_checkout: Some(naive(OURS)),
            last_checkin: None,
            expected_checkin: None,
            asked_at: utc(ASKED),
        },
        recompare_since: None,
    }
}

/// Promised to Ana from tomorrow on, free and lendable.
pub(super) fn promised() -> Picture {
    let mut picture = out();
    picture.loan.status = LoanStatus::Promised;
    picture.loan.tenure = None;
    picture.loan.period = Period { starts_at: utc("2026-01-11T10:00:00Z"), due_at: utc("2026-01-20T10:00:00Z") };
    picture.effects.clear();
    picture.sight.holder = None;
    picture
}

fn checked_in(picture: &mut Picture, at: &str) {
    picture.sight.holder = None;
    picture.sight.last_checkin = Some(naive(at));
}

fn of(picture: &Picture) -> Judgement {
    judge(picture, lisbon())
}

fn drifted(drift: Drift) -> Judgement {
    Judgement::Drifted(drift)
}

#[test]
fn what_is_shown_as_we_recorded_it_is_as_expected() {
    assert_eq!(of(&out()), Judgement::AsExpected);
    assert_eq!(of(&promised()), Judgement::AsExpected);
}

#[test]
fn a_return_by_hand_after_our_check_out_is_a_return_with_snipeits_own_time() {
    let mut picture = out();
    checked_in(&mut picture, LATER);

    let at = utc("2026-01-10T12:00:00Z");
    assert_eq!(of(&picture), Judgement::ReturnedByHand { at, last_checkin: naive(LATER) });

    picture.sight.label = LabelKind::Undeployable;
    assert!(matches!(of(&picture), Judgement::ReturnedByHand { .. }), "for repair, and back all the same");
}

#[test]
fn a_clock_that_is_wrong_and_a_zone_of_its_own_are_reckoned_with() {
    let mut picture = out();
    checked_in(&mut picture, "2026-01-10T14:05:00");
    let helsinki = SnipeitClock { zone: chrono_tz::Europe::Helsinki, offset: Duration::minutes(5), ..lisbon() };

    let Judgement::ReturnedByHand { at, .. } = judge(&picture, helsinki) else { panic!("it is back") };

    assert_eq!(at, utc("2026-01-10T12:00:00Z"));
}

#[test]
fn a_unit_that_is_free_without_a_check_in_after_ours_is_a_riddle() {
    let mut picture = out();
    picture.sight.holder = None;
    assert_eq!(of(&picture), drifted(Drift::NotHeld));

    // Later than the fingerprint, which lies in the past, and earlier than the check-out itself: the loan before ours.
    checked_in(&mut picture, "2026-01-10T09:59:30");
    assert_eq!(of(&picture), drifted(Drift::NotHeld));
}

#[test]
fn an_imported_loan_that_is_checked_in_by_hand_is_over_by_rule_like_any_other() {
    let mut picture = out();
    picture.effects.clear();
    checked_in(&mut picture, LATER);
    assert!(matches!(of(&picture), Judgement::ReturnedByHand { .. }));

    checked_in(&mut picture, OURS);
    assert_eq!(of(&picture), drifted(Drift::NotHeld), "a check-in that is not later than its check-out was another's");
}

#[test]
fn a_day_that_was_adopted_is_ours_in_whatever_zone_snipeit_keeps_its_clock() {
    for (zone, lab) in [(Auckland, Lisbon), (Lisbon, Auckland), (New_York, Auckland)] {
        let clock = SnipeitClock { zone, lab, ..lisbon() };
        let day = "2026-01-25".parse().unwrap();
        let mut picture = out();
        picture.loan.period.due_at = lab_day::end_of(day, lab).unwrap();
        picture.sight.expected_checkin = Some(day);
        assert_eq!(judge(&picture, clock), Judgement::AsExpected, "{zone} and {lab}");
    }
}

#[test]
fn a_check_in_in_the_hour_that_occurs_twice_is_not_adopted_by_rule() {
    let mut picture = out();
    picture.effects[0].settled_at = Some(utc("2026-10-25T00:10:00Z"));
    picture.sight.asked_at = utc("2026-10-25T02:00:00Z");
    checked_in(&mut picture, "2026-10-25T01:30:00");

    assert_eq!(of(&picture), drifted(Drift::NotHeld));
}

#[test]
fn another_holder_is_told_by_kind_and_number() {
    let mut picture = out();
    for holder in [Holder::user(BRUNO), Holder { kind: HolderKind::Location, id: ANA.0 }] {
        picture.sight.holder = Some(holder);
        assert_eq!(of(&picture), drifted(Drift::HeldByAnother { holder }));
    }
}

#[test]
fn a_check_out_of_nobodys_to_the_same_borrower_is_not_our_tenure() {
    let mut picture = out();
    picture.sight.last_checkin = Some(naive(LATER));
    picture.sight.last_checkout = Some(naive("2026-01-10T12:00:30"));

    let last_checkout = picture.sight.last_checkout;
    assert_eq!(of(&picture), drifted(Drift::CheckedOutAgain { last_checkout }));
}

#[test]
fn another_expected_day_is_told_unless_ours_is_still_to_be_set() {
    let mut picture = out();
    picture.sight.expected_checkin = Some("2026-01-20".parse().unwrap());
    assert_eq!(of(&picture), Judgement::AsExpected);

    let expected_checkin = "2026-01-25".parse().unwrap();
    picture.sight.expected_checkin = Some(expected_checkin);
    assert_eq!(of(&picture), drifted(Drift::DateMoved { expected_checkin }));

    picture.is_date_on_its_way = true;
    assert_eq!(of(&picture), Judgement::AsExpected);
}

#[test]
fn what_is_archived_or_gone_is_told_whoever_has_it() {
    let mut picture = out();
    picture.sight.presence = Presence::Archived;
    assert_eq!(of(&picture), drifted(Drift::Archived));
    for presence in [Presence::Deleted, Presence::Gone] {
        picture.sight.presence = presence;
        picture.sight.holder = None;
        assert_eq!(of(&picture), drifted(Drift::Gone), "{presence}");
    }
}

#[test]
fn a_return_that_is_asked_for_is_not_overtaken() {
    let mut picture = out();
    checked_in(&mut picture, LATER);
    picture.effects.push(OurEffect {
        kind: OperationKind::CheckIn,
        state: OperationState::Waiting,
        attempts: 0,
        settled_at: None,
        confirmed_at: None,
        ..check_out_of(picture.loan.id)
    });

    assert_eq!(of(&picture), Judgement::NotYet);
}
