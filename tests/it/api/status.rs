//! `/v1/status` tells of the budget what the workers count, not what the api would guess.

use super::{
    app::App,
    given::{self, Person},
};
use makerlab_shared::{domain::user::Role, settings::BrokerSettings};
use makerlab_tests::{
    floor::{DEADLINE, Floor},
    stack::until,
};
use makerlab_worker::{context::Context, lanes};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A worker's gauges, until the guard is dropped.
fn reporting(worker: &Context) -> DropGuard {
    let broker = BrokerSettings { url: "amqp://127.0.0.1:1/%2f".to_owned().into(), prefix: "unused".to_owned() };
    let stop = CancellationToken::new();
    tokio::spawn(lanes::report(worker.clone(), broker, stop.clone()));
    stop.drop_guard()
}

async fn budget_left(app: &App, person: &Person) -> Value {
    app.get(&person.token, "/v1/status").await.expect(200)["snipeit"]["budget_left"].clone()
}

async fn until_shown(app: &App, person: &Person, wanted: Value) {
    let is_shown = async || (budget_left(app, person).await == wanted).then_some(());
    until(&format!("{wanted} calls are left"), DEADLINE, is_shown).await.unwrap();
}

#[tokio::test]
async fn what_is_left_of_the_budget_is_shown_by_the_workers_window_and_reserve() {
    let floor = Floor::with(&[("SNIPEIT_BUDGET_WINDOW", "1h")], None).await;
    let app = App::beside(&floor);
    let person = given::person(&app, Role::Student).await;
    assert_eq!(budget_left(&app, &person).await, Value::Null, "no worker has told anything yet");
    sqlx::query("update call_budget set used = 20, opened_at = now() - interval '5 minutes'")
        .execute(&floor.pool)
        .await
        .unwrap();

    let _reporting = reporting(&floor.worker);

    until_shown(&app, &person, json!(120 - 20 - floor.worker.budget.reserve)).await;
}

#[tokio::test]
async fn where_snipeit_limits_no_calls_no_number_is_shown() {
    let floor = Floor::new().await;
    let app = App::beside(&floor);
    let person = given::person(&app, Role::Student).await;
    let reporting_a_limit = reporting(&floor.worker);
    until_shown(&app, &person, json!(120 - floor.worker.budget.reserve)).await;
    drop(reporting_a_limit);

    let _reporting = reporting(&floor.another_worker(&[("SNIPEIT_THROTTLED", "false")]));

    until_shown(&app, &person, Value::Null).await;
}

#[tokio::test]
async fn the_latest_full_comparison_is_shown_with_what_sweeps_have_missed() {
    let floor = Floor::new().await;
    let app = App::beside(&floor);
    let person = given::person(&app, Role::Technician).await;
    let comparison = async || app.get(&person.token, "/v1/status").await.expect(200)["snipeit"]["comparison"].clone();
    assert_eq!(comparison().await, Value::Null);

    floor.given_synced().await;

    let shown = comparison().await;
    assert_eq!((&shown["missed"], &shown["differences"]), (&json!(0), &json!([])));
}
