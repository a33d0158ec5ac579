//! A Snipe-IT that is not the one that was there before changes nothing here.

use super::*;
use makerlab_shared::store::link;
use makerlab_tests::simulator::Simulator;

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
