//! Edits of labels and models touch no asset: the sweep reads their lists, and what follows from them follows at once.

use super::*;
use makerlab_shared::domain::inventory::LabelKind;
use makerlab_tests::simulator::READY;

async fn let_ten_minutes_pass(floor: &Floor) {
    sqlx::query("update snipeit_link set lists_read_at = lists_read_at - interval '10 minutes'")
        .execute(&floor.pool)
        .await
        .unwrap();
}

async fn label_kinds(floor: &Floor) -> Vec<String> {
    sqlx::query_scalar("select distinct label_kind from equipment where label_id = $1")
        .bind(READY)
        .fetch_all(&floor.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_label_that_means_something_else_counts_for_its_units_at_once_and_is_drift_where_one_is_promised() {
    let floor = Floor::new().await;
    floor.given_synced().await;
    let asked = floor.given_promised(chrono::TimeDelta::days(2)).await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring_now(sweep).await;
    floor.simulator.state().hands().set_label_kind(READY, LabelKind::Pending);

    let_ten_minutes_pass(&floor).await;
    floor.ring_now(sweep).await;

    assert_eq!(label_kinds(&floor).await, ["pending"]);
    assert_eq!(floor.open_findings(asked.loan.0).await, ["unit_not_deployable"]);
    floor.simulator.state().hands().set_label_kind(READY, LabelKind::Deployable);
    let_ten_minutes_pass(&floor).await;
    floor.ring_now(sweep).await;
    assert_eq!(label_kinds(&floor).await, ["deployable"]);
    assert_eq!(floor.open_findings(asked.loan.0).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_label_and_a_model_are_renamed_and_a_model_is_gone_without_a_full_sync() {
    let options = SimulatorOptions { throttle: None, seed: Seed::sized(6, 3), ..SimulatorOptions::default() };
    let floor = Floor::beside(options, &[]).await;
    floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    let hands = floor.simulator.state().hands();
    let of_third: Vec<i64> = {
        let inventory = floor.simulator.state().inventory();
        inventory.assets().filter(|asset| asset.model_id == 3).map(|asset| asset.id).collect()
    };
    of_third.iter().for_each(|asset| hands.set_model(*asset, 2));
    floor.ring_now(sweep).await;
    hands.rename_label(READY, "On the shelf");
    hands.rename_model(1, "Another name");
    hands.delete_model(3);

    let_ten_minutes_pass(&floor).await;
    floor.ring_now(sweep).await;

    let labels: Vec<String> = sqlx::query_scalar("select distinct label_name from equipment where label_id = $1")
        .bind(READY)
        .fetch_all(&floor.pool)
        .await
        .unwrap();
    assert_eq!(labels, ["On the shelf"]);
    let models: Vec<(String, bool)> = sqlx::query_as(
        "select name, gone_at is not null from equipment_models where snipeit_model_id in (1, 3) order by snipeit_model_id",
    )
    .fetch_all(&floor.pool)
    .await
    .unwrap();
    assert_eq!((models[0].0.as_str(), models[0].1, models[1].1), ("Another name", false, true));
}

#[tokio::test]
async fn within_ten_minutes_both_lists_are_read_once() {
    let given = lent().await;
    let_ten_minutes_pass(&given.floor).await;
    let count = || {
        let ledger = given.floor.simulator.state().ledger();
        (ledger.count_calls(CallKind::Labels), ledger.count_calls(CallKind::Models))
    };
    let (labels, models) = count();

    given.sweep().await;
    given.sweep().await;

    assert_eq!(count(), (labels + 1, models + 1));
}
