//! Row 11: one 429 is everybody's.

use std::time::Duration;

use futures_util::future::join_all;
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, EffectKind, Fault, Page},
};
use makerlab_worker::{
    context::Context,
    jobs::{self, Ran},
};

const SETTINGS: [(&str, &str); 1] = [("SNIPEIT_BUDGET_WINDOW", "1500ms")];
/// Two workers with two hands each.
const HANDS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_of_429_both_workers_pause_and_no_attempt_is_used_up() {
    let floor = Floor::with(&SETTINGS, None).await;
    floor.given_checked_out().await;
    let second = floor.another_worker(&SETTINGS);
    let mut asked = Vec::new();
    for _ in 0..6 {
        asked.push(floor.given_requested().await);
    }
    let storm = Fault::on(CallKind::Checkout).delay_before(Duration::from_millis(300));
    floor.simulator.state().faults().add(storm.instead(Page::TooManyRequests).until_cleared());

    let hands = [&floor.worker, &floor.worker, &second, &second].map(|worker| work_until_refused(&floor, worker));
    join_all(hands).await;

    assert!((1..=HANDS).contains(&floor.simulator.state().ledger().count_answers(429)));
    for asked in &asked {
        assert_eq!(floor.operation_attempts(asked.operation).await, 0);
        assert_eq!(floor.operation_state(asked.operation).await, "waiting");
    }

    floor.simulator.state().faults().clear();
    floor.work_until("everything is out", async |floor: &Floor| all_are_out(floor, &asked).await).await;
    for asked in &asked {
        assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
    }
}

/// One hand: takes what is due until the budget says no.
async fn work_until_refused(floor: &Floor, worker: &Context) {
    loop {
        for job in floor.due_jobs().await {
            if let Ran::NoBudget { .. } = jobs::run(worker, job).await.unwrap() {
                return;
            }
        }
    }
}

async fn all_are_out(floor: &Floor, asked: &[Asked]) -> bool {
    for asked in asked {
        if floor.loan_status(asked.loan).await != "checked_out" {
            return false;
        }
    }
    true
}
