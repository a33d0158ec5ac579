//! Rows 3 and 4: the broker is a bell, and a bell may break.

use std::time::Duration;

use makerlab_shared::domain::job::Lane;
use makerlab_tests::{
    lab::{LabError, RabbitMq, Services, own_rabbitmq, services::off_the_runtime, shared_postgres},
    simulator::{EffectKind, Step},
    stack::until,
};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

use super::given::{Lab, PATIENCE, lab, lab_with};

/// A node takes seconds to start: one for all tests that break it, one test at a time.
static BREAKABLE: OnceCell<Mutex<RabbitMq>> = OnceCell::const_new();

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_costs_nothing_that_was_accepted_and_is_found_again() {
    let (broker, services) = breakable().await;
    let lab = lab_with(&services, |options| options.with("SNIPEIT_TIMEOUT", "15s").with("JOB_LEASE", "25s")).await;
    lab.is_said_to_be("ready").await;
    // A quorum queue younger than this can come back from a hard kill without a leader, whoever uses it.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let in_the_middle = lab.hold(Step::Saved);
    let unacked = [lab.submit().await, lab.submit().await];
    in_the_middle.reached(2, PATIENCE).await.unwrap();

    kill(&broker).await;
    in_the_middle.release();
    let reasons = lab.is_said_to_be("degraded").await;
    assert!(reasons[0].contains("the broker is away"), "{reasons:?}");
    let accepted_meanwhile = lab.submit().await;
    lab.comes_to(&accepted_meanwhile, "checked_out").await;
    change(&broker, RabbitMq::start_again).await;
    lab.is_said_to_be("ready").await;

    for requisition in &unacked {
        lab.comes_to(requisition, "checked_out").await;
    }
    lab.comes_to(&lab.submit().await, "checked_out").await;
    assert_eq!((lab.posts(), lab.effects()), (4, vec![EffectKind::Checkout; 4]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn during_a_memory_alarm_requests_are_accepted_and_work_goes_on() {
    let (broker, services) = breakable().await;
    let lab = lab(&services).await;
    lab.is_said_to_be("ready").await;

    set_memory_limit(&broker, "0").await;
    assert!(lists_an_alarm(&broker).await);
    goes_through(&lab).await;
    goes_through(&lab).await;
    assert!(lists_an_alarm(&broker).await, "it lasted all the while");
    set_memory_limit(&broker, "0.4").await;

    goes_through(&lab).await;
    assert_eq!(lab.effects(), [EffectKind::Checkout; 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wiped_broker_gets_its_queues_again_and_what_was_in_them_is_run() {
    let (broker, services) = breakable().await;
    let mut lab = lab_with(&services, |mut options| {
        options.workers = 0;
        options
    })
    .await;
    lab.is_said_to_be("ready").await;
    let in_the_queue = lab.submit().await;
    let rung = async || (lab.messages_ready(Lane::Inventory).await == 2).then_some(());
    until("the bells of the check-out and of its borrower were rung", PATIENCE, rung).await.unwrap();

    change(&broker, RabbitMq::wipe).await;
    lab.stack.start_worker().await.unwrap();

    lab.comes_to(&in_the_queue, "checked_out").await;
    lab.is_said_to_be("ready").await;
    goes_through(&lab).await;
    assert_eq!(lab.effects(), [EffectKind::Checkout; 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_dies_for_good_in_the_middle_leaves_everything_to_the_second_bell_which_ends_it() {
    let (broker, services) = breakable().await;
    let lab = lab_with(&services, |options| options.with("SNIPEIT_TIMEOUT", "15s").with("JOB_LEASE", "25s")).await;
    lab.is_said_to_be("ready").await;
    let before = lab.submit().await;
    let lent = lab.comes_to(&before, "checked_out").await;
    lab.runs_more_than(0.0, "first").await;
    let in_the_middle = lab.hold(Step::Saved);
    let unacked = lab.submit().await;
    in_the_middle.reached(1, PATIENCE).await.unwrap();

    let died = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
    kill(&broker).await;
    in_the_middle.release();
    lab.is_said_to_be("degraded").await;
    let by_the_first = lab.count_runs("first").await;
    let afterwards = lab.submit().await;
    lab.student.give_back(lent["loans"][0]["id"].as_str().unwrap().parse().unwrap()).await.unwrap();

    lab.comes_to(&unacked, "checked_out").await;
    lab.comes_to(&afterwards, "checked_out").await;
    lab.comes_to(&before, "returned").await;
    assert!(lab.is_away_since().await > died, "since it died, not since the api began");
    lab.runs_more_than(0.0, "second").await;
    assert!(
        lab.count_runs("first").await <= by_the_first + 1.0,
        "only what was in the middle then was the first bell's"
    );
    assert_eq!(lab.posts(), 3);
}

async fn goes_through(lab: &Lab) {
    lab.comes_to(&lab.submit().await, "checked_out").await;
}

/// As a part of the machine's memory; at 0, whatever the broker uses is too much.
async fn set_memory_limit(broker: &RabbitMq, part: &'static str) {
    change(broker, move |broker| broker.control(&["set_vm_memory_high_watermark", part]).map(drop)).await;
}

async fn lists_an_alarm(broker: &RabbitMq) -> bool {
    let broker = broker.clone();
    let alarms = off_the_runtime(move || broker.control(&["eval", "rabbit_alarm:get_alarms()."])).await.unwrap();
    alarms.contains("memory")
}

async fn breakable() -> (MutexGuard<'static, RabbitMq>, Services) {
    let broker = BREAKABLE.get_or_init(async || Mutex::new(own_rabbitmq().await)).await.lock().await;
    change(&broker, RabbitMq::start_again).await;
    let services = Services { postgres: shared_postgres().await.clone(), rabbitmq: broker.clone() };
    (broker, services)
}

async fn kill(broker: &RabbitMq) {
    let broker = broker.clone();
    off_the_runtime(move || broker.kill()).await;
}

async fn change(broker: &RabbitMq, how: impl FnOnce(&RabbitMq) -> Result<(), LabError> + Send + 'static) {
    let broker = broker.clone();
    off_the_runtime(move || how(&broker)).await.unwrap();
}
