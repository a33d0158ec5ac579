//! The counter: what a technician hands over is recorded at once, and Snipe-IT follows.

mod early;
mod early_days;
mod exchange;
mod exchanged;
mod former_unit;
mod rules;
mod snipeit;
mod uncollected;
mod with_borrower;

use super::{
    app::{App, Reply},
    given::{self, Lab, Model, Person, id_of},
};
use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// A model that nobody need approve and whose units wait at the counter.
async fn counter_model(lab: &Lab, units: i64) -> Model {
    let model = given::model(&lab.app, units).await;
    let path = format!("/v1/equipment-models/{}", model.id);
    let rules = json!({"approval": "none", "collection": "counter"});
    let shown = lab.app.call(&lab.admin.token, Method::PATCH, &path, &rules).await.expect(200);
    assert_eq!((&shown["approval"], &shown["collection"]), (&json!("none"), &json!("counter")));
    model
}

async fn kept(lab: &Lab, model: &Model, quantity: i64) -> Value {
    let body = given::requisition(lab.project, model, quantity);
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
}

async fn hand_over(app: &App, by: &Person, requisition: Uuid, units: Value) -> Reply {
    app.post(&by.token, &format!("/v1/requisitions/{requisition}/hand-over"), &json!({"units": units})).await
}

async fn tag_of(lab: &Lab, unit: Uuid) -> String {
    sqlx::query_scalar("select tag from equipment where id = $1").bind(unit).fetch_one(&lab.app.owner).await.unwrap()
}

/// A word of each loan, in the order in which they were promised.
fn of_loans<'a>(requisition: &'a Value, field: &str) -> Vec<&'a str> {
    requisition["loans"].as_array().unwrap().iter().map(|loan| loan[field].as_str().unwrap()).collect()
}

fn events(requisition: &Value, entity: &str) -> Vec<String> {
    let history = requisition["history"].as_array().unwrap().iter().filter(|entry| entry["entity"] == entity);
    history.map(|entry| entry["event"].as_str().unwrap().to_owned()).collect()
}

async fn letters(app: &App, requisition: Uuid, event: &str) -> i64 {
    sqlx::query_scalar("select count(*) from notifications where requisition_id = $1 and event = $2")
        .bind(requisition)
        .bind(event)
        .fetch_one(&app.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_waits_at_the_counter_is_kept_and_checked_out_only_once_it_is_handed_over_unit_by_unit() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let requisition = kept(&lab, &model, 2).await;
    let id = id_of(&requisition);
    assert_eq!(requisition["status"], "approved");
    assert_eq!(of_loans(&requisition, "status"), ["promised", "promised"]);
    assert_eq!(requisition["operations"], json!([]));

    let typed = format!("  {} ", of_loans(&requisition, "tag")[0].to_lowercase());
    let partly = hand_over(&lab.app, &lab.technician, id, json!([{"tag": typed}])).await.expect(202);

    assert_eq!(
        (&partly["status"], of_loans(&partly, "status")),
        (&json!("handed_over"), vec!["handed_over", "promised"])
    );
    assert!(partly["loans"][0]["handed_over_at"].is_string());
    let operations = partly["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 1);
    assert_eq!((&operations[0]["kind"], &operations[0]["state"]), (&json!("check_out"), &json!("waiting")));
    assert_eq!(operations[0]["loan_id"], partly["loans"][0]["id"]);
    assert_eq!(operations[0]["requested_by"], json!(lab.technician.id));
    assert_eq!(letters(&lab.app, id, "handed_over").await, 1);

    let rest =
        json!([{"equipment_id": requisition["loans"][1]["equipment_id"], "loan_id": requisition["loans"][1]["id"]}]);
    let all = hand_over(&lab.app, &lab.admin, id, rest).await.expect(202);
    assert_eq!(of_loans(&all, "status"), ["handed_over", "handed_over"]);
    let shown = lab.app.get(&lab.member.token, &format!("/v1/equipment-models/{}", model.id)).await.expect(200);
    assert_eq!(shown["free_units"], 0);
}

#[tokio::test]
async fn another_free_unit_of_the_model_may_be_taken_and_the_one_that_was_kept_is_free_again() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let requisition = kept(&lab, &model, 1).await;
    let was_kept = requisition["loans"][0]["equipment_id"].as_str().unwrap().to_owned();
    let other = model.units.iter().find(|unit| unit.to_string() != was_kept).unwrap();

    let units = json!([{"tag": tag_of(&lab, *other).await}]);
    let handed = hand_over(&lab.app, &lab.technician, id_of(&requisition), units).await.expect(202);

    assert_eq!(of_loans(&handed, "equipment_id"), [other.to_string()]);
    assert_eq!(events(&handed, "loan"), ["submitted", "unit_exchanged", "handed_over"]);
    let next = kept(&lab, &model, 1).await;
    assert_eq!(of_loans(&next, "equipment_id"), [was_kept]);
}

#[tokio::test]
async fn what_was_handed_over_and_never_sent_to_snipeit_is_back_at_once() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 1).await;
    let requisition = kept(&lab, &model, 1).await;
    let units = json!([{"equipment_id": model.units[0]}]);
    let handed = hand_over(&lab.app, &lab.technician, id_of(&requisition), units).await.expect(202);
    let path = format!("/v1/loans/{}/return", id_of(&handed["loans"][0]));

    let back = lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(202);

    assert_eq!((&back["status"], of_loans(&back, "status")), (&json!("returned"), vec!["returned"]));
    assert_eq!(back["operations"][0]["state"], "abandoned");
    assert_eq!(letters(&lab.app, id_of(&requisition), "returned").await, 1);
    lab.app.post(&lab.technician.token, &path, &json!({})).await.expect_problem(409, "not-lent");
    kept(&lab, &model, 1).await;
}

#[tokio::test]
async fn how_a_model_is_collected_stands_in_the_history_and_leaves_what_is_promised_alone() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;
    let before = given::submitted(&lab, &model).await;
    let path = format!("/v1/equipment-models/{}", model.id);

    let rules = json!({"collection": "counter"});
    let shown = lab.app.call(&lab.technician.token, Method::PATCH, &path, &rules).await.expect(200);
    assert_eq!((&shown["approval"], &shown["collection"]), (&json!("none"), &json!("counter")));

    let moved: Vec<(String, String)> = sqlx::query_as(
        "select from_status, to_status from status_history where entity_id = $1 and event = 'collection_changed'",
    )
    .bind(model.id)
    .fetch_all(&lab.app.owner)
    .await
    .unwrap();
    assert_eq!(moved, [("straight_through".to_owned(), "counter".to_owned())]);
    assert_eq!(before["operations"].as_array().unwrap().len(), 1);
    let units = json!([{"equipment_id": before["loans"][0]["equipment_id"]}]);
    let refused = hand_over(&lab.app, &lab.technician, id_of(&before), units).await.expect_problem(409, "wrong-unit");
    assert!(refused["detail"].as_str().unwrap().contains("by itself"), "{refused}");
}
