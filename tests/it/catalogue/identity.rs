//! A Snipe-IT that is not the one that was there before changes nothing here.

use super::*;
use makerlab_shared::store::link;
use makerlab_tests::{
    floor::DEADLINE,
    simulator::{NewAsset, Simulator, Step},
};

#[tokio::test]
async fn another_inventory_pauses_everything_until_a_person_says_that_it_is_right() {
    let mut floor = Floor::new().await;
    let job = floor.given_synced().await;
    let before = cache(&floor).await;
    floor.simulator = Simulator::start(unthrottled(Seed::sized(10, 1))).unwrap();
    floor.worker = floor.another_worker(&[]);

    floor.ring_now(job).await;

    assert_eq!(floor.all_open_findings().await, ["inventory_changed"]);
    assert_eq!(cache(&floor).await, before);
    let mut conn = floor.pool.acquire().await.unwrap();
    let pause = link::load(&mut conn).await.unwrap().pause.unwrap();
    assert!(pause.cause.contains("SNIPEIT_URL is "), "{}", pause.cause);
    let no_wait = std::time::Duration::ZERO;
    assert!(!link::claim_probe(&mut conn, no_wait).await.unwrap());

    link::forget_inventory(&mut conn).await.unwrap();
    assert!(!link::resume(&mut conn).await.unwrap(), "no probe may end this pause");
    link::resume_for_person(&mut conn).await.unwrap();
    drop(conn);
    floor.ring_now(job).await;
    assert_ne!(cache(&floor).await, before);
    assert_eq!(errors(&floor).await.last().unwrap(), &None);
}

#[tokio::test]
async fn another_database_behind_the_same_address_is_recognised_by_its_assets() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    sqlx::query(
        r#"update snipeit_link set landmarks = '[{"id": 1, "tag": "X1"}, {"id": 2, "tag": "X2"}, {"id": 3, "tag": "ML-00003"}]'"#,
    )
    .execute(&floor.pool)
    .await
    .unwrap();

    floor.ring_now(job).await;

    assert_eq!(floor.all_open_findings().await, ["inventory_changed"]);
}

#[tokio::test]
async fn assets_that_are_renamed_and_removed_one_after_the_other_over_the_years_make_no_other_inventory() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    let hands = floor.simulator.state().hands();

    for asset in 1..=6 {
        hands.retag(asset, &format!("NEW-{asset}"));
        floor.ring_now(job).await;
    }
    for asset in 1..=6 {
        hands.delete(asset);
        hands.purge(asset);
        floor.ring_now(job).await;
    }

    assert_eq!(floor.all_open_findings().await, Vec::<String>::new());
    assert_eq!(errors(&floor).await, vec![None; 13]);
}

#[tokio::test]
async fn a_lab_that_begins_with_a_test_asset_or_two_may_rename_and_remove_them_and_is_known_once_it_has_more() {
    let floor = Floor::beside(unthrottled(Seed::sized(2, 1)), &[]).await;
    let job = floor.given_synced().await;
    let hands = floor.simulator.state().hands();
    hands.retag(1, "ML-1");
    hands.delete(2);
    hands.purge(2);
    for _ in 0..3 {
        hands.create_asset(NewAsset::of_model(1));
    }

    floor.ring_now(job).await;
    assert_eq!(floor.all_open_findings().await, Vec::<String>::new());

    let all: Vec<i64> = floor.simulator.state().inventory().assets().map(|asset| asset.id).collect();
    all.into_iter().for_each(|asset| hands.retag(asset, &format!("OTHER-{asset}")));
    floor.ring_now(job).await;
    assert_eq!(floor.all_open_findings().await, ["inventory_changed"]);
}

#[tokio::test]
async fn another_database_that_comes_in_the_middle_of_a_sync_is_not_remembered_for_ours() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    let state = floor.simulator.state();
    let before_the_list = state.faults().hold(CallKind::List, None, Step::Arrived);
    floor.make_due(job).await;

    tokio::join!(floor.ring(job), async {
        before_the_list.reached(1, DEADLINE).await.unwrap();
        (1..=5).for_each(|asset| state.hands().retag(asset, &format!("OTHER-{asset}")));
        before_the_list.release();
    });

    assert_eq!(floor.all_open_findings().await, ["inventory_changed"]);
}
