//! Rows that cannot be understood: people are told which, what was known stays, and nothing goes on as if all were well.

use super::{
    app::App,
    given::{self, Person},
};
use makerlab_shared::domain::{id::JobId, job::JobKind, user::Role};
use makerlab_tests::{
    floor::Floor,
    simulator::{Seed, SimulatorOptions},
};
use serde_json::Value;

fn unthrottled(seed: Seed) -> SimulatorOptions {
    SimulatorOptions { throttle: None, seed, ..SimulatorOptions::default() }
}

/// What the latest full sync has come to, and why it ended in vain.
async fn latest_run(floor: &Floor) -> (Value, Option<String>) {
    let latest = sqlx::query_as("select counts, error from sync_runs order by started_at desc limit 1");
    latest.fetch_one(&floor.pool).await.unwrap()
}

struct Lab {
    floor: Floor,
    sync: JobId,
    sweep: JobId,
}

impl Lab {
    async fn synced() -> Self {
        let floor = Floor::beside(unthrottled(Seed::sized(60, 2)), &[]).await;
        let sync = floor.given_synced().await;
        let sweep = floor.given_job(JobKind::Sweep).await;
        floor.ring(sweep).await;
        Self { floor, sync, sweep }
    }

    /// Also those that are closed, the oldest first.
    async fn told(&self) -> Vec<String> {
        let told = "select summary from findings where kind = 'rows_unreadable' order by created_at, id";
        sqlx::query_scalar(told).fetch_all(&self.floor.pool).await.unwrap()
    }

    async fn name(&self, asset: i64) -> Option<String> {
        let name = sqlx::query_scalar("select name from equipment where snipeit_asset_id = $1").bind(asset);
        name.fetch_one(&self.floor.pool).await.unwrap()
    }

    fn rename(&self, assets: std::ops::RangeInclusive<i64>) {
        assets.for_each(|asset| self.floor.simulator.state().hands().rename(asset, "renamed"));
    }
}

async fn snipeit(app: &App, person: &Person) -> Value {
    app.get(&person.token, "/v1/status").await.expect(200)["snipeit"].clone()
}

#[tokio::test]
async fn a_sync_tells_once_which_rows_it_could_not_understand_and_no_more_when_it_can() {
    let Lab { floor, sync, .. } = &Lab::synced().await;
    let app = App::beside(floor);
    let person = given::person(&app, Role::Student).await;
    let product = floor.simulator.state().product();
    product.lose(30, "model");
    product.lose(31, "status_label");

    floor.ring_now(*sync).await;
    floor.ring_now(*sync).await;

    let told: Vec<String> = sqlx::query_scalar("select summary from findings").fetch_all(&floor.pool).await.unwrap();
    assert_eq!(
        told,
        ["Snipe-IT shows what cannot be understood: asset 30 (field `model.id` is missing or not a number), asset 31 \
          (field `status_label.id` is missing or not a number)"]
    );
    assert_eq!(snipeit(&app, &person).await["rows_unreadable"], 2);
    assert_eq!(latest_run(floor).await.0["unreadable"], 2);
    let presence: String = sqlx::query_scalar("select presence from equipment where snipeit_asset_id = 30")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(presence, "listed", "what was known of it stays");

    product.find_again(30);
    product.find_again(31);
    floor.ring_now(*sync).await;
    assert_eq!(floor.all_open_findings().await, Vec::<String>::new());
    assert_eq!(snipeit(&app, &person).await["rows_unreadable"], 0);
}

#[tokio::test]
async fn a_sweep_tells_of_the_rows_on_its_page_and_of_no_row_twice() {
    let lab = &Lab::synced().await;
    let product = lab.floor.simulator.state().product();
    product.lose(30, "model");
    lab.rename(30..=30);

    lab.floor.ring_now(lab.sweep).await;
    lab.floor.ring_now(lab.sweep).await;
    assert_eq!(lab.told().await.len(), 1);

    product.lose(31, "model");
    lab.rename(31..=31);
    lab.floor.ring_now(lab.sweep).await;
    assert_eq!(lab.floor.all_open_findings().await, ["rows_unreadable"]);
    let told = lab.told().await;
    assert!(told.len() == 2 && told[1].contains("asset 30 (") && told[1].contains("asset 31 ("), "{told:?}");
}

#[tokio::test]
async fn a_sweep_reads_on_behind_a_page_of_rows_that_cannot_be_understood() {
    let lab = &Lab::synced().await;
    let state = lab.floor.simulator.state();
    state.product().set_max_results(10);
    (20..40).for_each(|asset| state.product().lose(asset, "model"));
    lab.rename(5..=5);
    state.clock().set_offset(chrono::Duration::seconds(2));
    lab.rename(20..=39);

    lab.floor.ring_now(lab.sweep).await;

    assert_eq!(lab.name(5).await.as_deref(), Some("renamed"));
}

#[tokio::test]
async fn a_version_of_which_nothing_can_be_understood_leaves_no_catalogue_that_looks_fresh() {
    let floor = Floor::beside(unthrottled(Seed::sized(60, 2)), &[]).await;
    let app = App::beside(&floor);
    let person = given::person(&app, Role::Student).await;
    floor.simulator.state().product().omit("last_checkin");
    let sync = floor.given_job(JobKind::SyncCatalogue).await;

    floor.ring_now(sync).await;

    let why = "no asset that Snipe-IT lists can be understood: field `last_checkin` is missing";
    assert_eq!(latest_run(&floor).await.1.as_deref(), Some(why));
    assert_eq!(floor.all_open_findings().await, ["rows_unreadable"]);
    let shown = snipeit(&app, &person).await;
    assert_eq!((shown["catalogue_synced_at"].clone(), shown["rows_unreadable"].clone()), (Value::Null, 60.into()));
}
