//! Rows 5 and 6: a worker that dies before its request is on its way. Row 7, after the effect, is in `stack`.

use std::{net::TcpListener, time::Duration};

use makerlab_shared::store::jobs::take;
use makerlab_tests::{
    floor::{DEADLINE, Floor},
    simulator::{CallKind, EffectKind},
    stack::until,
};
use makerlab_worker::jobs::{self, Ran};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_before_its_take_is_committed_has_done_nothing() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;

    {
        let mut transaction = floor.pool.begin().await.unwrap();
        let taken = take(&mut transaction, job, Duration::from_secs(30)).await.unwrap();
        assert!(taken.is_some());
    }

    assert_eq!(floor.ring(job).await, Ran::Settled, "due as before, for whoever hears the bell next");
    assert_eq!(floor.evidence(asked.operation).await, ["intent", "answer"]);
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_after_its_take_and_before_its_request_arrived_costs_one_attempt_and_a_look() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;
    // It listens and never reads: whatever is sent there has not reached Snipe-IT.
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nowhere.local_addr().unwrap());
    let doomed = floor.another_worker(&[("SNIPEIT_URL", &url)]);

    let is_sent = async || (floor.operation_state(asked.operation).await == "sent").then_some(());
    tokio::select! {
        ran = jobs::run(&doomed, job) => panic!("nobody answers there: {ran:?}"),
        sent = until("the intent is committed", DEADLINE, is_sent) => sent.unwrap(),
    }
    floor.work_until("out", async |floor: &Floor| floor.loan_status(asked.loan).await == "checked_out").await;

    assert_eq!(floor.evidence(asked.operation).await, ["intent", "look", "intent", "answer"]);
    assert_eq!(floor.operation_attempts(asked.operation).await, 2);
    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkout) - 1, 1);
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
}
