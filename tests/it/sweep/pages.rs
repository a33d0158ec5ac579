//! How many pages a sweep reads, and which.

use super::*;
use chrono::SubsecRound;

#[tokio::test]
async fn a_sweep_pages_on_while_whole_pages_are_new() {
    let options = SimulatorOptions { throttle: None, seed: Seed::sized(1203, 3), ..SimulatorOptions::default() };
    let floor = Floor::beside(options, &[]).await;
    floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring(sweep).await;
    let state = floor.simulator.state();
    (1..=200).for_each(|asset| state.hands().rename(asset, "stock-taking"));
    // A page of them in other seconds than those: which rows of one second stand on which page nobody knows.
    state.clock().set_offset(chrono::Duration::seconds(2));
    (201..=700).for_each(|asset| state.hands().rename(asset, "stock-taking"));
    let lists_before = state.ledger().count_calls(CallKind::List);

    floor.ring_now(sweep).await;

    assert_eq!(state.ledger().count_calls(CallKind::List), lists_before + 2);
    let renamed: i64 = sqlx::query_scalar("select count(*) from equipment where name = 'stock-taking'")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(renamed, 700);
}

#[tokio::test]
async fn what_changes_in_the_second_of_the_last_sweep_is_read_however_many_pages_it_fills() {
    let options = SimulatorOptions { throttle: None, seed: Seed::sized(40, 2), ..SimulatorOptions::default() };
    let floor = Floor::beside(options, &[]).await;
    let state = floor.simulator.state();
    state.product().set_max_results(10);
    let sync = floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    let second = Utc::now().trunc_subsecs(0);
    let rename_then = |assets: std::ops::RangeInclusive<i64>, name: &str| {
        state.clock().set_offset(second - Utc::now());
        assets.for_each(|asset| state.hands().rename(asset, name));
    };
    rename_then(21..=30, "in time");
    floor.ring(sweep).await;

    rename_then(1..=20, "a moment later");
    let lists_before = state.ledger().count_calls(CallKind::List);
    floor.ring_now(sweep).await;
    assert_eq!(
        state.ledger().count_calls(CallKind::List),
        lists_before + 4,
        "three pages of that second and one before"
    );

    sqlx::query("update snipeit_link set swept_at = swept_at + interval '10 seconds'")
        .execute(&floor.pool)
        .await
        .unwrap();
    let lists_before = state.ledger().count_calls(CallKind::List);
    floor.ring_now(sweep).await;
    assert_eq!(state.ledger().count_calls(CallKind::List), lists_before + 1, "once that second was over, it was read");
    // Which of its rows stood on which page nobody knows: a full sync looks.
    floor.ring_now(sync).await;
    let read: i64 = sqlx::query_scalar("select count(*) from equipment where name = 'a moment later'")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(read, 20);
}
