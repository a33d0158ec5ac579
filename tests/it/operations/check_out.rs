//! The quiet path of a check-out.

use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, EffectKind},
};
use makerlab_worker::jobs::Ran;

#[tokio::test]
async fn a_check_out_costs_one_call_once_the_borrower_is_known() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    let before = floor.simulator.state().ledger().requests().len();

    floor.given_checked_out().await;

    assert_eq!(floor.simulator.state().ledger().requests().len() - before, 1);
}

#[tokio::test]
async fn a_confirmed_check_out_stands_in_snipeit_for_our_borrower_with_our_fingerprint() {
    let floor = Floor::new().await;
    let asked = floor.given_checked_out().await;

    let effects = floor.effects(asked.asset, EffectKind::Checkout);
    assert_eq!(effects.len(), 1);
    assert_eq!(floor.holder(asked.asset), Some(floor.people.student.snipeit_id.0));
    assert_eq!(effects[0].marker.as_deref(), Some(&*asked.operation.marker()));
    assert_eq!(floor.requisition_status(asked.requisition).await, "checked_out");
    assert_eq!(floor.evidence(asked.operation).await, ["intent", "answer"]);
}

#[tokio::test]
async fn a_second_delivery_finds_nothing_to_take() {
    let floor = Floor::new().await;
    let asked = floor.given_checked_out().await;
    let job = floor.job_about(asked.operation.0).await;

    assert_eq!(floor.ring(job).await, Ran::NothingToDo);
    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkout), 1);
}

#[tokio::test]
async fn two_bells_at_once_are_one_effect() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;

    let (first, second, third) = tokio::join!(floor.ring(job), floor.ring(job), floor.ring(job));

    let settled = [&first, &second, &third].into_iter().filter(|ran| **ran == Ran::Settled).count();
    assert_eq!(settled, 1, "{first:?} {second:?} {third:?}");
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
}
