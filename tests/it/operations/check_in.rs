//! Check-ins: of our own tenure, and of nobody else's.

use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, EffectKind, Handover},
};

#[tokio::test]
async fn a_return_costs_two_calls_and_frees_the_unit() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let before = floor.simulator.state().ledger().requests().len();

    let back = floor.given_return_requested(lent).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;

    assert_eq!(floor.simulator.state().ledger().requests().len() - before, 2);
    assert_eq!(floor.effects(back.asset, EffectKind::Checkin).len(), 1);
    assert_eq!(floor.holder(back.asset), None);
    assert_eq!(floor.requisition_status(back.requisition).await, "returned");
}

#[tokio::test]
async fn a_unit_that_a_person_checked_in_already_needs_no_check_in() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    floor.simulator.state().hands().check_in(lent.asset.0).unwrap();

    let back = floor.given_return_requested(lent).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkin), 0);
}

#[tokio::test]
async fn a_unit_that_a_person_lent_on_is_never_checked_in_by_us() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let hands = floor.simulator.state().hands();
    hands.check_in(lent.asset.0).unwrap();
    hands.check_out(lent.asset.0, 2, Handover::Now).unwrap();

    let back = floor.given_return_requested(lent).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkin), 0);
    assert_eq!(floor.holder(lent.asset), Some(2));
    assert_eq!(floor.open_findings(back.operation.0).await, ["held_by_somebody_else"]);
}

#[tokio::test]
async fn the_borrowers_newer_tenure_is_not_ended_but_shown_to_a_person() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let hands = floor.simulator.state().hands();
    hands.check_in(lent.asset.0).unwrap();
    hands.check_out(lent.asset.0, floor.people.student.snipeit_id.0, Handover::Now).unwrap();

    let back = floor.given_return_requested(lent).await;
    floor
        .work_until("a person is asked", async |f: &Floor| f.operation_state(back.operation).await == "with_person")
        .await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkin), 0);
    assert_eq!(floor.loan_status(back.loan).await, "checked_out");
    assert_eq!(floor.requisition_status(back.requisition).await, "attention");
    assert_eq!(floor.open_findings(back.operation.0).await, ["operation_with_person"]);
}
