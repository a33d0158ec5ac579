//! What is promised, or handed over and not checked out yet.

use super::*;

#[test]
fn a_promise_needs_a_unit_that_can_be_lent() {
    let mut picture = promised();
    picture.sight.label = LabelKind::Undeployable;
    assert_eq!(of(&picture), drifted(Drift::NotDeployable));
    (picture.sight.label, picture.sight.is_kept_back) = (LabelKind::Deployable, true);
    assert_eq!(of(&picture), drifted(Drift::NotDeployable));
    picture.sight.presence = Presence::Archived;
    assert_eq!(of(&picture), drifted(Drift::Archived));
}

#[test]
fn who_has_the_unit_of_a_promise_matters_when_its_loan_is_near() {
    let mut picture = promised();
    for (holder, drift) in [
        (ANA, Drift::LentByHand { tenure: Tenure { user: ANA, last_checkout: naive(OURS) } }),
        (BRUNO, Drift::PromisedAndHeld { holder: Holder::user(BRUNO) }),
    ] {
        picture.sight.holder = Some(Holder::user(holder));
        picture.now = utc("2026-01-10T21:00:00Z");
        assert_eq!(of(&picture), Judgement::AsExpected);
        picture.now = utc("2026-01-10T22:00:00Z");
        assert_eq!(of(&picture), drifted(drift));
        picture.is_with_another_loan = true;
        assert_eq!(of(&picture), Judgement::AsExpected, "lent by ourselves");
        picture.is_with_another_loan = false;
    }
}

#[test]
fn a_promise_that_is_due_finds_out_by_itself_and_one_at_the_counter_does_not() {
    let mut picture = promised();
    picture.sight.holder = Some(Holder::user(BRUNO));
    picture.now = picture.loan.period.starts_at;
    assert_eq!(of(&picture), drifted(Drift::PromisedAndHeld { holder: Holder::user(BRUNO) }));

    let waiting = OurEffect { state: OperationState::Waiting, attempts: 0, ..check_out_of(picture.loan.id) };
    picture.effects = vec![OurEffect { settled_at: None, confirmed_at: None, ..waiting }];
    assert_eq!(of(&picture), Judgement::NotYet);
}

#[test]
fn what_was_handed_over_and_is_checked_out_by_hand_has_found_its_tenure() {
    let mut picture = promised();
    picture.loan.status = LoanStatus::HandedOver;
    assert_eq!(of(&picture), Judgement::AsExpected, "Snipe-IT does not know, and the borrower has it");

    picture.sight.holder = Some(Holder::user(ANA));
    assert_eq!(of(&picture), drifted(Drift::LentByHand { tenure: Tenure { user: ANA, last_checkout: naive(OURS) } }));
}

#[test]
fn what_was_handed_over_and_is_not_on_its_way_is_told_when_another_has_it_or_it_is_gone() {
    let mut picture = promised();
    picture.loan.status = LoanStatus::HandedOver;
    for (presence, drift) in
        [(Presence::Archived, Drift::Archived), (Presence::Deleted, Drift::Gone), (Presence::Gone, Drift::Gone)]
    {
        picture.sight.presence = presence;
        assert_eq!(of(&picture), drifted(drift), "{presence}");
    }
    picture.sight.presence = Presence::Listed;
    let holder = Holder::user(BRUNO);
    picture.sight.holder = Some(holder);
    assert_eq!(of(&picture), drifted(Drift::HeldByAnother { holder }));

    picture.loan.borrower = None;
    assert_eq!(of(&picture), Judgement::AsExpected, "it may be the borrower, whom nobody knows there");
    picture.loan.borrower = Some(ANA);
    let refused = OurEffect { state: OperationState::Refused, confirmed_at: None, ..check_out_of(picture.loan.id) };
    picture.effects = vec![refused];
    assert_eq!(of(&picture), drifted(Drift::HeldByAnother { holder }), "a check-out that was refused is over");
    picture.effects[0].state = OperationState::Waiting;
    assert_eq!(of(&picture), Judgement::NotYet, "it says so itself");
}
