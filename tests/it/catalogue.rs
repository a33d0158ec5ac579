//! The full sync: what Snipe-IT lists comes in, what it lists no more is marked, and trouble changes nothing.

mod comparison;
mod identity;
mod models;
mod night;
mod particulars;
mod people;
mod stopped;

use std::collections::BTreeMap;

use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, Seed, SimulatorOptions},
};

fn unthrottled(seed: Seed) -> SimulatorOptions {
    SimulatorOptions { throttle: None, seed, ..SimulatorOptions::default() }
}

fn calls(floor: &Floor, kind: CallKind) -> usize {
    floor.simulator.state().ledger().count_calls(kind)
}

async fn by_presence(floor: &Floor) -> BTreeMap<String, i64> {
    let counts = sqlx::query_as("select presence, count(*) from equipment group by presence");
    counts.fetch_all(&floor.pool).await.unwrap().into_iter().collect()
}

/// Everything in the cache but when it was seen.
async fn cache(floor: &Floor) -> Vec<String> {
    let rows = sqlx::query_scalar(
        "select (to_jsonb(equipment) - 'seen_at')::text from equipment
         union all select (to_jsonb(equipment_models) - 'seen_at')::text from equipment_models order by 1",
    );
    rows.fetch_all(&floor.pool).await.unwrap()
}

/// Errors of the rounds so far, the oldest first; null where a round succeeded.
async fn errors(floor: &Floor) -> Vec<Option<String>> {
    let errors = sqlx::query_scalar("select error from sync_runs where finished_at is not null order by started_at");
    errors.fetch_all(&floor.pool).await.unwrap()
}

async fn presence(floor: &Floor, asset: i64) -> String {
    let presence = sqlx::query_scalar("select presence from equipment where snipeit_asset_id = $1").bind(asset);
    presence.fetch_one(&floor.pool).await.unwrap()
}

/// An asset that the cache knows and Snipe-IT does not.
async fn remember_unknown_asset(floor: &Floor) {
    floor.given_in_catalogue(999, "OLD-999").await;
}

/// What the latest full sync has come to.
async fn counts(floor: &Floor) -> serde_json::Value {
    let latest = sqlx::query_scalar("select counts from sync_runs order by started_at desc limit 1");
    latest.fetch_one(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn a_sync_takes_one_call_a_page_and_fills_the_catalogue() {
    let floor = Floor::beside(unthrottled(Seed::sized(1203, 7)), &[]).await;

    floor.given_synced().await;

    assert_eq!(by_presence(&floor).await, BTreeMap::from([("listed".to_owned(), 1203)]));
    assert_eq!(calls(&floor, CallKind::List), 3 + 1 + 1);
    assert_eq!((calls(&floor, CallKind::Models), calls(&floor, CallKind::Labels)), (1, 1));
    assert_eq!(calls(&floor, CallKind::Users), 1);
    assert_eq!(floor.simulator.state().ledger().requests().len(), 5 + 3, "and none besides");
    assert_eq!(errors(&floor).await, [None]);
}

#[tokio::test]
async fn archived_and_deleted_assets_are_in_the_catalogue_and_marked() {
    let floor = Floor::new().await;
    floor.simulator.state().hands().archive(1);
    floor.simulator.state().hands().delete(2);

    floor.given_synced().await;

    assert_eq!(presence(&floor, 1).await, "archived");
    assert_eq!(presence(&floor, 2).await, "deleted");
    assert_eq!(presence(&floor, 3).await, "listed");
}

#[tokio::test]
async fn an_asset_that_no_list_shows_is_asked_for_and_marked_as_gone_and_never_deleted() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    remember_unknown_asset(&floor).await;

    floor.ring_now(job).await;

    assert_eq!(presence(&floor, 999).await, "gone");
    let asked_for_999 = |path: &str| path.ends_with("/hardware/999");
    assert_eq!(floor.simulator.state().ledger().requests().iter().filter(|r| asked_for_999(&r.path)).count(), 1);
}

#[tokio::test]
async fn an_asset_that_was_gone_and_is_listed_again_is_back() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    sqlx::query("update equipment set presence = 'gone' where snipeit_asset_id = 3")
        .execute(&floor.pool)
        .await
        .unwrap();

    floor.ring_now(job).await;

    assert_eq!(presence(&floor, 3).await, "listed");
}

#[tokio::test]
async fn older_sight_never_wins_over_newer() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    sqlx::query(
        "update equipment set name = 'seen later', seen_at = now() + interval '1 hour' where snipeit_asset_id = 1",
    )
    .execute(&floor.pool)
    .await
    .unwrap();

    floor.ring_now(job).await;

    let name: String = sqlx::query_scalar("select name from equipment where snipeit_asset_id = 1")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(name, "seen later");
}
