//! Models that are added while the assets are read are found with a call, and others cost none.

use super::*;
use makerlab_shared::domain::id::JobId;
use makerlab_tests::floor::DEADLINE;
use makerlab_tests::simulator::{Hands, Named, NewAsset, NewModel, Step};

fn new_model(hands: &Hands, name: &str) -> i64 {
    hands.create_model(NewModel {
        name: name.to_owned(),
        number: None,
        category: Named::new(1, "Category 1"),
        manufacturer: None,
        has_fieldset: false,
    })
}

/// A lab with pages of models, read once.
async fn with_many_models() -> (Floor, JobId) {
    let floor = Floor::beside(unthrottled(Seed::sized(1203, 1100)), &[]).await;
    let job = floor.given_synced().await;
    (floor, job)
}

async fn model_of(floor: &Floor, asset: i64) -> Option<i64> {
    let model = "select m.snipeit_model_id from equipment e join equipment_models m on m.id = e.model_id
                 where e.snipeit_asset_id = $1";
    sqlx::query_scalar(model).bind(asset).fetch_optional(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn a_model_that_is_added_while_the_assets_are_read_costs_one_call_though_there_are_pages_of_models() {
    let (floor, job) = with_many_models().await;
    let hold = floor.simulator.state().faults().hold(CallKind::List, None, Step::Arrived);
    let (before, hands) = (calls(&floor, CallKind::Models), floor.simulator.state().hands());
    floor.make_due(job).await;

    let add = async {
        hold.reached(1, DEADLINE).await.unwrap();
        let assets = ["Robot", "Drone"].map(|name| hands.create_asset(NewAsset::of_model(new_model(&hands, name))));
        hold.release();
        assets
    };
    let (assets, _) = tokio::join!(add, floor.ring(job));

    assert_eq!((model_of(&floor, assets[0]).await, model_of(&floor, assets[1]).await), (Some(1101), Some(1102)));
    assert_eq!(calls(&floor, CallKind::Models) - before, 3 + 1);
    assert_eq!(counts(&floor).await["unplaced"], 0);
}

#[tokio::test]
async fn an_asset_whose_model_is_in_no_list_costs_no_call_for_models() {
    let (floor, job) = with_many_models().await;
    let asset = floor.simulator.state().hands().create_asset(NewAsset::of_model(7));
    floor.simulator.state().inventory().models.get_mut(&7).unwrap().deleted_at =
        Some("2026-01-01T00:00:00".parse().unwrap());
    sqlx::query("update equipment_models set snipeit_model_id = -7 where snipeit_model_id = 7")
        .execute(&floor.pool)
        .await
        .unwrap();
    let before = calls(&floor, CallKind::Models);

    floor.ring_now(job).await;

    assert_eq!(calls(&floor, CallKind::Models) - before, 3);
    assert_eq!(model_of(&floor, asset).await, None);
    assert!(counts(&floor).await["unplaced"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn an_asset_that_slips_between_two_pages_gets_the_model_that_it_is_shown_with_by_itself() {
    let floor = Floor::new().await;
    let state = floor.simulator.state();
    state.product().set_max_results(5);
    let job = floor.given_synced().await;
    let (hands, first_page) = (state.hands(), state.faults().hold(CallKind::List, None, Step::Arrived));
    let other = if model_of(&floor, 6).await == Some(1) { 2 } else { 1 };
    hands.set_model(6, other);
    floor.make_due(job).await;

    let move_up = async {
        first_page.reached(1, DEADLINE).await.unwrap();
        let second_page = state.faults().hold(CallKind::List, None, Step::Arrived);
        first_page.release();
        second_page.reached(1, DEADLINE).await.unwrap();
        hands.delete(1);
    };
    tokio::join!(floor.ring(job), move_up);

    let alone = |path: &str| path.ends_with("/hardware/6");
    assert_eq!(state.ledger().requests().iter().filter(|request| alone(&request.path)).count(), 1);
    assert_eq!(model_of(&floor, 6).await, Some(other));
}
