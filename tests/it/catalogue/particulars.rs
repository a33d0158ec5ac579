//! What people want to know of a unit or a model before they fetch it comes with sync and sweep.

use super::*;
use makerlab_shared::domain::job::JobKind;
use makerlab_tests::simulator::Handover;

type Particulars = (Option<String>, Option<String>, Option<bool>);

async fn particulars(floor: &Floor, asset: i64) -> Particulars {
    let row = sqlx::query_as("select location, home_location, requestable from equipment where snipeit_asset_id = $1");
    row.bind(asset).fetch_one(&floor.pool).await.unwrap()
}

async fn images(floor: &Floor) -> Vec<Option<String>> {
    let images = sqlx::query_scalar("select image_url from equipment_models order by snipeit_model_id limit 2");
    images.fetch_all(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn what_each_unit_cost_comes_with_it() {
    let floor = Floor::new().await;

    floor.given_synced().await;

    let costs: Vec<Option<i64>> =
        sqlx::query_scalar("select distinct purchase_cost_cents from equipment").fetch_all(&floor.pool).await.unwrap();
    assert_eq!(costs, [Some(1511)]);
}

#[tokio::test]
async fn where_a_unit_is_and_where_it_lives_comes_with_it_and_follows_it() {
    let floor = Floor::new().await;
    let hands = floor.simulator.state().hands();
    hands.set_requestable(2, true);
    floor.given_synced().await;
    let home = || Some("Storage cabinet A".to_owned());
    assert_eq!(particulars(&floor, 1).await, (None, home(), Some(false)));
    assert_eq!(particulars(&floor, 2).await.2, Some(true));

    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring(sweep).await;
    hands.set_place(1, 4);
    hands.set_requestable(2, false);
    hands.check_out(3, 3, Handover::Now).unwrap();
    hands.check_in(3).unwrap();
    floor.ring_now(sweep).await;

    let bench = || Some("Workbench 1".to_owned());
    assert_eq!(particulars(&floor, 1).await, (bench(), bench(), Some(false)));
    assert_eq!(particulars(&floor, 2).await.2, Some(false));
    assert_eq!(particulars(&floor, 3).await.0, home(), "what comes back is where it lives");
}

#[tokio::test]
async fn the_picture_of_a_model_comes_with_it_if_it_is_an_address_that_a_browser_can_open() {
    let floor = Floor::new().await;
    let hands = floor.simulator.state().hands();
    let uno = "https://snipeit.lab.example/uploads/models/uno.png";
    hands.set_model_image(1, Some(uno));
    hands.set_model_image(2, Some("javascript:alert(1)"));
    let job = floor.given_synced().await;
    assert_eq!(images(&floor).await, [Some(uno.to_owned()), None]);

    hands.set_model_image(1, None);
    floor.ring_now(job).await;

    assert_eq!(images(&floor).await, [None, None]);
}
