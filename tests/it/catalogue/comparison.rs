//! Each full sync proves that the sweeps have missed nothing, or lists what they have missed.

use super::*;
use makerlab_shared::domain::{id::JobId, job::JobKind};
use makerlab_tests::{
    floor::DEADLINE,
    simulator::{Fault, Handover, Named, NewAsset, NewModel, OUT_FOR_REPAIR, Page, Step},
};
use serde_json::json;

struct Lab {
    floor: Floor,
    sync: JobId,
}

/// A lab that was read and swept.
async fn swept() -> Lab {
    let floor = Floor::new().await;
    let sync = floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.simulator.state().hands().rename(5, "brought by the sweep");
    floor.ring_now(sweep).await;
    Lab { floor, sync }
}

fn any_model() -> NewModel {
    NewModel {
        name: "New".to_owned(),
        number: None,
        category: Named::new(1, "Category 1"),
        manufacturer: None,
        has_fieldset: false,
    }
}

impl Lab {
    /// As if sweeps had read what changed, and had not stored it.
    async fn forget(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.floor.pool).await.unwrap();
    }

    /// What a full sync says that sweeps have missed, whose latest comes after everything that has changed so far.
    async fn differences(&self) -> serde_json::Value {
        self.forget("update snipeit_link set swept_at = now() + interval '1 minute', hidden_read_at = now()").await;
        self.floor.ring_now(self.sync).await;
        let counts = counts(&self.floor).await;
        assert_eq!(counts["missed"], json!(counts["differences"].as_array().unwrap().len()));
        counts["differences"].clone()
    }
}

#[tokio::test]
async fn where_the_sweeps_have_brought_everything_a_full_sync_says_so() {
    let lab = swept().await;

    lab.floor.ring_now(lab.sync).await;

    let counts = counts(&lab.floor).await;
    assert!(counts["compared"].as_i64().unwrap() > 20, "{counts}");
    assert_eq!((&counts["missed"], &counts["differences"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn whatever_a_sweep_should_have_brought_is_listed_with_what_differs() {
    let lab = swept().await;
    let hands = lab.floor.simulator.state().hands();
    hands.check_out(6, 3, Handover::Now).unwrap();
    hands.expect_back(6, "2027-01-15".parse().unwrap());
    hands.set_label(7, OUT_FOR_REPAIR);
    hands.set_model(8, 2);
    assert_eq!(lab.differences().await.as_array().unwrap().len(), 3);

    lab.forget("update equipment set name = 'of before' where snipeit_asset_id = 5").await;
    lab.forget("update equipment set expected_checkin = null where snipeit_asset_id = 6").await;
    lab.forget(
        "update equipment set label_kind = 'pending', seen_at = seen_at - interval '1 hour' where snipeit_asset_id = 7",
    )
    .await;
    lab.forget(
        "update equipment set model_id = (select id from equipment_models where snipeit_model_id = 1)
                where snipeit_asset_id = 8",
    )
    .await;
    let differences = lab.differences().await;

    let fields: Vec<(i64, &serde_json::Value)> = differences
        .as_array()
        .unwrap()
        .iter()
        .map(|missed| (missed["snipeit_asset_id"].as_i64().unwrap(), &missed["fields"]))
        .collect();
    let label = (7, &json!(["label_kind"]));
    assert_eq!(fields, [label, (5, &json!(["name"])), (6, &json!(["expected_checkin"])), (8, &json!(["model"]))]);
}

#[tokio::test]
async fn an_asset_that_no_sweep_has_brought_is_listed_and_one_whose_model_is_in_no_list_is_not() {
    let lab = swept().await;
    let hands = lab.floor.simulator.state().hands();
    let new = hands.create_asset(NewAsset::of_model(1));
    let model = hands.create_model(any_model());
    hands.delete_model(model);
    hands.create_asset(NewAsset::of_model(model));

    let differences = lab.differences().await;

    assert_eq!(counts(&lab.floor).await["unplaced"], json!(1));
    assert_eq!(differences.as_array().unwrap().len(), 1, "{differences}");
    assert_eq!((&differences[0]["snipeit_asset_id"], &differences[0]["fields"]), (&json!(new), &json!(["asset"])));
}

#[tokio::test]
async fn what_was_missed_is_listed_also_when_the_sync_is_stopped_between_its_page_and_its_place() {
    let lab = swept().await;
    let state = lab.floor.simulator.state();
    lab.forget("update equipment set name = 'of before' where snipeit_asset_id = 5").await;
    lab.forget("update snipeit_link set swept_at = now() + interval '1 minute', hidden_read_at = now()").await;
    lab.floor.make_due(lab.sync).await;
    let before_the_list = state.faults().hold(CallKind::List, None, Step::Arrived);

    // An asset of a model that is added while the sync runs, and the list of models cannot be read again.
    let (_, new) = tokio::join!(lab.floor.ring(lab.sync), async {
        before_the_list.reached(1, DEADLINE).await.unwrap();
        let model = state.hands().create_model(any_model());
        let new = state.hands().create_asset(NewAsset::of_model(model));
        state.faults().add(Fault::on(CallKind::Models).instead(Page::BadGateway));
        before_the_list.release();
        new
    });
    assert_eq!(counts(&lab.floor).await["missed"], json!(1), "so far");
    lab.floor.ring_now(lab.sync).await;

    let counts = counts(&lab.floor).await;
    let listed: Vec<&serde_json::Value> =
        counts["differences"].as_array().unwrap().iter().map(|missed| &missed["snipeit_asset_id"]).collect();
    assert_eq!((&counts["missed"], listed), (&json!(2), vec![&json!(5), &json!(new)]));
    let known: i64 = sqlx::query_scalar("select count(*) from equipment").fetch_one(&lab.floor.pool).await.unwrap();
    assert_eq!(counts["compared"], json!(known - 1), "each once, but for the new one");
}

#[tokio::test]
async fn the_first_full_sync_after_a_sweep_finds_everything_new_and_nothing_missed() {
    let floor = Floor::new().await;
    floor.simulator.state().product().set_max_results(5);
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring(sweep).await;
    floor.given_synced().await;

    assert_eq!(counts(&floor).await["missed"], json!(0));
}
