//! People act in Snipe-IT's own pages meanwhile.

use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, Cut, EffectKind, Fault, Handover, Page, Step, Trouble},
};

async fn floor() -> Floor {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    floor
}

#[tokio::test]
async fn a_unit_lent_by_hand_before_us_is_exchanged_for_another() {
    let floor = floor().await;
    let asked = floor.given_requested().await;
    floor.simulator.state().hands().check_out(asked.asset.0, 2, Handover::Now).unwrap();

    floor.work_until("another unit is out", async |f: &Floor| f.loan_status(asked.loan).await == "checked_out").await;

    let given = floor.asset_of(asked.loan).await;
    assert_ne!(given, asked.asset);
    assert_eq!(floor.holder(asked.asset), Some(2), "a foreign holder is never overwritten");
    assert_eq!(floor.holder(given), Some(floor.people.student.snipeit_id.0));
}

#[tokio::test]
async fn a_named_unit_lent_by_hand_fails_with_snipeits_own_words() {
    let floor = floor().await;
    let unit = floor.catalogue.units[3];
    let asked = floor.given_requested_unit(unit).await;
    floor.simulator.state().hands().check_out(unit.snipeit_asset_id.0, 2, Handover::Now).unwrap();

    floor.work_until("the loan fails", async |f: &Floor| f.loan_status(asked.loan).await == "failed").await;

    let failure = floor.loan_failure(asked.loan).await.unwrap();
    assert!(failure.contains("Snipe-IT: “"), "{failure}");
    assert_eq!(floor.requisition_status(asked.requisition).await, "failed");
    assert_eq!(floor.holder(unit.snipeit_asset_id), Some(2));
}

#[tokio::test]
async fn after_three_units_that_were_taken_the_loan_fails() {
    let floor = floor().await;
    let asked = floor.given_requested().await;
    for unit in &floor.catalogue.units[1..] {
        floor.simulator.state().hands().check_out(unit.snipeit_asset_id.0, 2, Handover::Now).unwrap();
    }

    floor.work_until("the loan fails", async |f: &Floor| f.loan_status(asked.loan).await == "failed").await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkout) - 1, 3);
}

#[tokio::test]
async fn painted_over_after_our_effect_the_log_still_speaks_for_us() {
    let floor = floor().await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(Cut::Reset)));
    let asked = floor.given_requested().await;
    floor.work_until("unknown", async |f: &Floor| f.operation_state(asked.operation).await == "unknown").await;
    let hands = floor.simulator.state().hands();
    hands.check_in(asked.asset.0).unwrap();
    hands.check_out(asked.asset.0, 2, Handover::Now).unwrap();

    floor.work_until("applied", async |f: &Floor| f.operation_state(asked.operation).await == "applied").await;

    assert_eq!(floor.open_findings(asked.operation.0).await, ["painted_over"]);
    assert!(floor.knows_of_later_checkout(asked.operation).await, "a fingerprint must never become that second");
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).iter().filter(|e| e.marker.is_some()).count(), 1);
}

#[tokio::test]
async fn lent_by_hand_while_we_do_not_know_and_no_trace_of_ours_is_a_persons_decision() {
    let floor = floor().await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).instead(Page::ServerError));
    let asked = floor.given_requested().await;
    floor.work_until("unknown", async |f: &Floor| f.operation_state(asked.operation).await == "unknown").await;
    floor.simulator.state().hands().check_out(asked.asset.0, 2, Handover::Now).unwrap();

    floor
        .work_until("a person is asked", async |f: &Floor| f.operation_state(asked.operation).await == "with_person")
        .await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkout) - 1, 1, "never sent again by itself");
    assert_eq!(floor.open_findings(asked.operation.0).await, ["operation_with_person"]);
    assert_eq!(floor.requisition_status(asked.requisition).await, "attention");
}

#[tokio::test]
async fn a_person_checking_out_in_the_same_moment_is_told_apart_by_the_fingerprint() {
    let floor = floor().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;
    // Our request waits between Snipe-IT's check and its save; a person is quicker.
    let hold = floor.simulator.state().faults().hold(CallKind::Checkout, None, Step::Arrived);
    let run = floor.ring(job);
    tokio::pin!(run);
    tokio::select! {
        _ = &mut run => panic!("the call is held"),
        reached = hold.reached(1, makerlab_tests::floor::DEADLINE) => reached.unwrap(),
    }
    floor.simulator.state().hands().check_out(asked.asset.0, 2, Handover::Now).unwrap();
    hold.release();
    run.await;

    floor.work_until("another unit is out", async |f: &Floor| f.loan_status(asked.loan).await == "checked_out").await;
    assert_ne!(floor.asset_of(asked.loan).await, asked.asset);
    assert_eq!(floor.holder(asked.asset), Some(2));
}

#[tokio::test]
async fn a_unit_that_came_back_by_hand_can_be_lent_again_and_closes_the_former_loan() {
    let floor = Floor::new().await;
    let unit = floor.catalogue.units[0];
    let first = floor.given_requested_unit(unit).await;
    floor.work_until("out", async |f: &Floor| f.loan_status(first.loan).await == "checked_out").await;
    floor.simulator.state().hands().check_in(unit.snipeit_asset_id.0).unwrap();
    floor.end_period(first.loan).await;

    let second = floor.given_requested_unit(unit).await;
    floor.work_until("out again", async |f: &Floor| f.loan_status(second.loan).await == "checked_out").await;

    assert_eq!(floor.loan_status(first.loan).await, "returned");
}
