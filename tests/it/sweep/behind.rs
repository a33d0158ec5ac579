//! Dates that are not true, and more than a sweep reads: nothing stays hidden behind the cursor.

use super::*;
use chrono::TimeDelta;
use makerlab_shared::store::operations;

async fn name(floor: &Floor, asset: i64) -> Option<String> {
    let name = sqlx::query_scalar("select name from equipment where snipeit_asset_id = $1");
    name.bind(asset).fetch_one(&floor.pool).await.unwrap()
}

async fn swept_to(floor: &Floor) -> Option<chrono::NaiveDateTime> {
    link::load(&mut floor.pool.acquire().await.unwrap()).await.unwrap().swept_to
}

#[tokio::test]
async fn an_asset_that_is_dated_ahead_hides_no_later_change() {
    let given = lent().await;
    given.sweep().await;
    let state = given.floor.simulator.state();
    state.clock().set_offset(TimeDelta::days(400));
    state.hands().rename(20, "from the future");
    state.clock().set_offset(TimeDelta::zero());
    given.sweep().await;
    assert_eq!(name(&given.floor, 20).await.as_deref(), Some("from the future"));
    assert!(swept_to(&given.floor).await.unwrap() < Utc::now().naive_utc() + TimeDelta::days(1));

    state.hands().rename(21, "changed since");
    given.sweep().await;

    assert_eq!(name(&given.floor, 21).await.as_deref(), Some("changed since"));
}

#[tokio::test]
async fn a_snipeit_clock_that_is_set_back_hides_no_later_change() {
    let given = lent().await;
    let state = given.floor.simulator.state();
    state.hands().rename(20, "before");
    given.sweep().await;
    state.clock().set_offset(TimeDelta::minutes(-50));

    state.hands().rename(21, "after");
    given.sweep().await;

    assert_eq!(name(&given.floor, 21).await.as_deref(), Some("after"));
}

#[tokio::test]
async fn a_sweep_that_gives_up_keeps_its_place_until_a_full_sync_has_read_everything() {
    let options = SimulatorOptions { throttle: None, seed: Seed::sized(150, 2), ..SimulatorOptions::default() };
    let floor = Floor::beside(options, &[]).await;
    floor.simulator.state().product().set_max_results(10);
    let sync = floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring(sweep).await;
    let place = swept_to(&floor).await;
    let hands = floor.simulator.state().hands();
    (1..=150).for_each(|asset| hands.rename(asset, "stock-taking"));

    floor.ring_now(sweep).await;

    assert_eq!(swept_to(&floor).await, place, "what it left out is still ahead of it");
    let due: bool = sqlx::query_scalar("select due_at <= now() from jobs where id = $1")
        .bind(sync.0)
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert!(due, "a full sync is to read the rest");
    // Snipe-IT's clock is known to some seconds only.
    floor.simulator.state().let_time_pass(TimeDelta::seconds(20));

    floor.ring_now(sync).await;
    sqlx::query("update snipeit_link set swept_at = swept_at + interval '10 seconds'")
        .execute(&floor.pool)
        .await
        .unwrap();
    assert_eq!(renamed(&floor).await, 150);
    let lists_before = floor.simulator.state().ledger().count_calls(CallKind::List);
    floor.ring_now(sweep).await;
    assert_eq!(
        floor.simulator.state().ledger().count_calls(CallKind::List),
        lists_before + 1,
        "it goes on behind that"
    );
}

/// Whether a full sync is to run now.
async fn is_due(floor: &Floor, sync: JobId) -> bool {
    let due = sqlx::query_scalar("select due_at <= now() from jobs where id = $1").bind(sync.0);
    due.fetch_one(&floor.pool).await.unwrap()
}

/// Somebody renames 700 assets in one second, and nobody has looked since.
async fn stock_is_taken() -> (Floor, JobId, JobId) {
    let options = SimulatorOptions { throttle: None, seed: Seed::sized(1200, 2), ..SimulatorOptions::default() };
    let floor = Floor::beside(options, &[]).await;
    let sync = floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring(sweep).await;
    (1..=700).for_each(|asset| floor.simulator.state().hands().rename(asset, "stock-taking"));
    (floor, sync, sweep)
}

async fn renamed(floor: &Floor) -> i64 {
    let count = sqlx::query_scalar("select count(*) from equipment where name = 'stock-taking'");
    count.fetch_one(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn behind_an_edit_of_more_than_a_page_in_one_second_a_full_sync_reads_what_slipped_through() {
    let (floor, sync, sweep) = stock_is_taken().await;

    floor.ring_now(sweep).await;
    assert!(renamed(&floor).await < 700, "the pages of one second's rows left none out");
    assert!(!is_due(&floor, sync).await, "more may come");
    floor.simulator.state().let_time_pass(TimeDelta::seconds(20));
    floor.ring_now(sweep).await;
    assert!(is_due(&floor, sync).await, "no more came");

    floor.ring_now(sync).await;
    assert_eq!(renamed(&floor).await, 700);
    floor.ring_now(sweep).await;
    assert!(!is_due(&floor, sync).await, "it has looked");
}

#[tokio::test]
async fn while_changes_by_the_page_go_on_a_full_sync_looks_behind_them_every_ten_minutes() {
    let (floor, sync, sweep) = stock_is_taken().await;
    let earlier = "update sync_runs set started_at = started_at - interval '11 minutes'";
    sqlx::query(earlier).execute(&floor.pool).await.unwrap();

    floor.ring_now(sweep).await;
    assert!(is_due(&floor, sync).await);
    floor.ring_now(sync).await;
    floor.ring_now(sweep).await;

    assert!(!is_due(&floor, sync).await);
}

#[tokio::test]
async fn snipeits_clock_is_learnt_against_postgresqls_and_not_against_that_of_the_worker_that_asked() {
    let floor = Floor::new().await;
    let mut conn = floor.pool.acquire().await.unwrap();
    let now = operations::now(&mut conn).await.unwrap();

    let heard = link::ClockSeen { date: now + TimeDelta::seconds(60), ago: TimeDelta::seconds(30) };
    link::note_answer(&mut conn, Some(heard)).await.unwrap();

    let offset = link::load(&mut conn).await.unwrap().clock_offset.num_seconds();
    assert!((60..=90).contains(&offset), "{offset}");
}
