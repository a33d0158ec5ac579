//! The two bells: RabbitMQ wakes workers at once, the poll does so without it; either way a job is run once.

use lapin::{
    BasicProperties, ConnectionProperties,
    options::{BasicNackOptions, BasicPublishOptions, QueueDeclareOptions, QueuePurgeOptions},
    types::{AMQPValue, FieldTable},
};
use makerlab_shared::{
    broker::{self, Names},
    domain::job::{JobKind, Lane},
    relay::{Relay, RelayHealth},
    settings::BrokerSettings,
    telemetry::metrics,
};
use makerlab_tests::{
    floor::{DEADLINE, Floor},
    lab::{RabbitMq, shared_rabbitmq},
    simulator::{CallKind, EffectKind},
};
use makerlab_worker::lanes::{self, Crew, Gate, Heard, LaneSettings};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// A worker's main loops on a floor, with queues of their own on a real broker.
struct Bells {
    names: Names,
    settings: BrokerSettings,
    health: RelayHealth,
    crew: Crew,
    relay: TaskTracker,
    stop: CancellationToken,
    _stopped_at_the_end: DropGuard,
}

impl Bells {
    fn start(floor: &mut Floor, broker: &RabbitMq) -> Self {
        let settings =
            BrokerSettings { url: broker.amqp_url().into(), prefix: format!("bells-{}", floor.database.name()) };
        let stop = CancellationToken::new();
        let relay = Relay::new(floor.pool.clone(), settings.clone(), "bells");
        floor.worker.waker = relay.waker();
        let health = relay.health();
        let (gate, watching) = Gate::watch(floor.worker.clone(), stop.clone());
        let lane_settings =
            LaneSettings { concurrency: Lane::ALL.iter().map(|lane| (*lane, 2)).collect::<BTreeMap<_, _>>() };
        let crew = Crew::new(floor.worker.clone(), gate, stop.clone(), lane_settings);
        let tasks = TaskTracker::new();
        tasks.spawn(relay.run(stop.clone()));
        tasks.spawn(watching);
        let names = Names::new(&settings.prefix);
        Self { names, settings, health, crew, relay: tasks, stop: stop.clone(), _stopped_at_the_end: stop.drop_guard() }
    }

    fn consume(&self) {
        tokio::spawn(lanes::consume(self.crew.clone(), self.settings.clone()));
    }

    fn listen_to_the_second_bell(&self) {
        tokio::spawn(lanes::listen(self.crew.clone(), self.health.clone()));
    }

    async fn end(self) {
        self.stop.cancel();
        self.relay.close();
        tokio::time::timeout(DEADLINE, self.relay.wait()).await.expect("the relay ends when told to");
    }
}

async fn until(what: &str, floor: &Floor, condition: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < DEADLINE, "this did not happen: {what}\n{}", floor.describe().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn channel(broker: &RabbitMq) -> (lapin::Connection, lapin::Channel) {
    let connection = lapin::Connection::connect(&broker.amqp_url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

async fn messages_ready(broker: &RabbitMq, queue: &str) -> u32 {
    let (_connection, channel) = channel(broker).await;
    let passive = QueueDeclareOptions { passive: true, ..Default::default() };
    channel.queue_declare(queue.into(), passive, FieldTable::default()).await.map_or(0, |queue| queue.message_count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_goes_through_the_broker_and_costs_one_check_out() {
    let broker = shared_rabbitmq().await;
    let mut floor = Floor::with(&[("SECOND_BELL_AFTER", "1h")], None).await;
    let bells = Bells::start(&mut floor, broker);
    bells.consume();

    let asked = floor.given_requested().await;
    floor.worker.waker.wake();

    until("out", &floor, async || floor.loan_status(asked.loan).await == "checked_out").await;
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
    bells.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_of_ten_thousand_waiting_jobs_costs_one_publish_each() {
    let broker = shared_rabbitmq().await;
    let mut floor = Floor::new().await;
    sqlx::query(
        "insert into jobs (id, kind, lane, subject_id, state, due_at)
         select gen_random_uuid(), 'run_operation', 'counter', gen_random_uuid(), 'open', now() from generate_series(1, 10000)",
    )
    .execute(&floor.pool)
    .await
    .unwrap();
    let bells = Bells::start(&mut floor, broker);

    let all_rung = "select count(*) = 0 from jobs where rung_for is distinct from due_at";
    until("every bell was rung", &floor, async || sqlx::query_scalar(all_rung).fetch_one(&floor.pool).await.unwrap())
        .await;
    // Whatever else the relay would do, it would have done by its next poll.
    for _ in 0..3 {
        floor.worker.waker.wake();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    assert_eq!(messages_ready(broker, &bells.names.queue(Lane::Counter)).await, 10_000);
    bells.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_broker_the_second_bell_does_everything() {
    let broker = shared_rabbitmq().await;
    let mut floor = Floor::with(&[("SECOND_BELL_AFTER", "200ms")], None).await;
    let mut bells = Bells::start(&mut floor, broker);
    // A port on which nothing listens.
    bells.settings.url = "amqp://127.0.0.1:1/%2f".to_owned().into();
    bells.consume();
    bells.listen_to_the_second_bell();

    let asked = floor.given_requested().await;
    until("out", &floor, async || floor.loan_status(asked.loan).await == "checked_out").await;
    let back = floor.given_return_requested(asked).await;
    until("back", &floor, async || floor.loan_status(back.loan).await == "returned").await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkout), 1);
    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkin), 1);
    bells.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_was_lost_costs_time_and_nothing_else() {
    let broker = shared_rabbitmq().await;
    let mut floor = Floor::with(&[("SECOND_BELL_AFTER", "300ms")], None).await;
    let bells = Bells::start(&mut floor, broker);
    let asked = floor.given_requested().await;
    floor.worker.waker.wake();
    let inventory = bells.names.queue(Lane::Inventory);
    until("the bell was rung", &floor, async || messages_ready(broker, &inventory).await > 0).await;
    let (_connection, channel) = channel(broker).await;
    channel.queue_purge(inventory.clone().into(), QueuePurgeOptions::default()).await.unwrap();

    bells.consume();
    bells.listen_to_the_second_bell();

    until("out", &floor, async || floor.loan_status(asked.loan).await == "checked_out").await;
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
    bells.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_no_bell_is_set_aside_and_the_lane_keeps_moving() {
    let broker = shared_rabbitmq().await;
    let mut floor = Floor::with(&[("SECOND_BELL_AFTER", "1h")], None).await;
    let bells = Bells::start(&mut floor, broker);
    let (counter, dead) = (bells.names.queue(Lane::Counter), bells.names.dead_queue(Lane::Counter));
    until("connected", &floor, async || bells.health.is_connected()).await;
    let (_connection, channel) = channel(broker).await;
    for payload in [&b"\xff\xfe"[..], b"{}", br#"{"job_id":"018f0000-0000-7000-8000-000000000000","kind":"dance"}"#] {
        let options = BasicPublishOptions::default();
        channel
            .basic_publish("".into(), counter.clone().into(), options, payload, BasicProperties::default())
            .await
            .unwrap();
    }
    bells.consume();

    let asked = floor.given_requested().await;
    floor.worker.waker.wake();

    until("out", &floor, async || floor.loan_status(asked.loan).await == "checked_out").await;
    until("set aside", &floor, async || messages_ready(broker, &dead).await == 3).await;
    bells.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_queue_is_declared_again_and_work_goes_on() {
    let broker = shared_rabbitmq().await;
    let mut floor = Floor::with(&[("SECOND_BELL_AFTER", "1h")], None).await;
    let bells = Bells::start(&mut floor, broker);
    bells.consume();
    let first = floor.given_requested().await;
    floor.worker.waker.wake();
    until("out", &floor, async || floor.loan_status(first.loan).await == "checked_out").await;

    let (_connection, channel) = channel(broker).await;
    channel.queue_delete(bells.names.queue(Lane::Inventory).into(), Default::default()).await.unwrap();
    let second = floor.given_requested().await;
    floor.worker.waker.wake();

    until("out", &floor, async || floor.loan_status(second.loan).await == "checked_out").await;
    bells.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_snipeit_is_paused_nothing_is_run_and_nothing_is_lost() {
    let broker = shared_rabbitmq().await;
    let mut floor = Floor::with(&[("SECOND_BELL_AFTER", "200ms")], None).await;
    floor.given_checked_out().await;
    sqlx::query(
        "update snipeit_link set pause_cause = 'a test', paused_at = now(), probe_at = now() + interval '1 hour'",
    )
    .execute(&floor.pool)
    .await
    .unwrap();
    let bells = Bells::start(&mut floor, broker);
    bells.consume();
    bells.listen_to_the_second_bell();
    let asked = floor.given_requested().await;
    floor.worker.waker.wake();
    let letters = async || floor.count_open("send_mail").await == 0;
    until("mail goes on meanwhile", &floor, letters).await;
    assert_eq!(floor.operation_state(asked.operation).await, "waiting");

    sqlx::query("update snipeit_link set pause_cause = null, paused_at = null, probe_at = null")
        .execute(&floor.pool)
        .await
        .unwrap();

    until("out", &floor, async || floor.loan_status(asked.loan).await == "checked_out").await;
    bells.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bell_that_is_given_back_thirty_times_is_still_delivered() {
    let broker = shared_rabbitmq().await;
    let names = Names::new(&format!("bells-{}", uuid::Uuid::now_v7().simple()));
    let (_connection, channel) = channel(broker).await;
    broker::declare(&channel, &names).await.unwrap();
    // What RabbitMQ 4 makes of a queue that says nothing of a limit.
    let limited = format!("{}.limited", names.jobs_exchange());
    declare_limited(&channel, &names, &limited).await.unwrap();

    assert_eq!(times_given_back(&channel, &names.queue(Lane::Counter)).await, 30);
    assert_eq!(messages_ready(broker, &names.dead_queue(Lane::Counter)).await, 0);
    assert!(times_given_back(&channel, &limited).await < 30, "a limit of 20 is no limit");
    // RabbitMQ 3 has no limit by itself: the refusal tells that ours has been declared.
    let refused = declare_limited(&channel, &names, &names.queue(Lane::Counter)).await.unwrap_err();
    assert!(format!("{refused:?}").contains("current is '2147483647'"), "{refused:?}");
}

/// A queue of the counter's, but for its limit.
async fn declare_limited(channel: &lapin::Channel, names: &Names, queue: &str) -> lapin::Result<()> {
    let mut arguments = FieldTable::default();
    let dead_exchange = names.dead_exchange();
    for (name, text) in [
        ("x-queue-type", "quorum"),
        ("x-dead-letter-exchange", &dead_exchange),
        ("x-dead-letter-routing-key", Lane::Counter.as_str()),
    ] {
        arguments.insert(name.into(), AMQPValue::LongString(text.into()));
    }
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(20));
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(queue.into(), durable, arguments).await.map(drop)
}

/// Rings once, gives that bell back thirty times or until it comes no more, and says how often it came.
async fn times_given_back(channel: &lapin::Channel, queue: &str) -> usize {
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    channel.basic_publish("".into(), queue.into(), options, b"a bell", properties).await.unwrap();
    for times in 0..30 {
        let Some(bell) = delivered(channel, queue).await else { return times };
        bell.nack(BasicNackOptions { requeue: true, ..Default::default() }).await.unwrap();
    }
    if delivered(channel, queue).await.is_some() { 30 } else { 29 }
}

/// A queue takes a moment to have a message that was given back.
async fn delivered(channel: &lapin::Channel, queue: &str) -> Option<lapin::message::BasicGetMessage> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        if let Some(bell) = channel.basic_get(queue.into(), Default::default()).await.unwrap() {
            return Some(bell);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_counted_by_lane_kind_and_outcome() {
    let numbers = metrics::install().unwrap();
    let floor = Floor::new().await;
    let stop = CancellationToken::new();
    let (gate, _watching) = Gate::watch(floor.worker.clone(), stop.clone());
    let crew = Crew::new(floor.worker.clone(), gate, stop, LaneSettings { concurrency: BTreeMap::new() });
    let job = floor.given_job(JobKind::SyncCatalogue).await;

    let heard = Heard { job, kind: Some(JobKind::SyncCatalogue), bell: "first", trace: None };
    crew.answer(Lane::Bulk, heard).await;

    let page = numbers.render();
    for series in [
        r#"jobs_total{lane="bulk",kind="sync_catalogue",bell="first",outcome="settled"}"#,
        r#"job_duration_seconds_count{lane="bulk",kind="sync_catalogue"}"#,
    ] {
        assert!(page.contains(series), "{series} is missing in\n{page}");
    }
}
