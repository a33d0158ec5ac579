//! What the counter refuses, why, and that nothing is handed over then.

use super::{counter_model, hand_over, kept, tag_of};
use crate::api::{
    availability::set_buffer,
    given::{self, Lab, id_of},
};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};
use uuid::Uuid;

async fn refused(lab: &Lab, requisition: Uuid, units: Value, status: u16, kind: &str) -> String {
    let reply = hand_over(&lab.app, &lab.technician, requisition, units).await;
    let problem = reply.expect_problem(status, kind);
    assert_eq!(lab.app.count("operations").await, 0, "nothing is handed over");
    problem["detail"].as_str().unwrap().to_owned()
}

async fn behind_its_back(lab: &Lab, unit: Uuid, set: &str) {
    let sql = sqlx::AssertSqlSafe(format!("update equipment set {set} where id = $1"));
    sqlx::query(sql).bind(unit).execute(&lab.app.owner).await.unwrap();
}

#[tokio::test]
async fn a_tag_that_nobody_knows_and_one_that_is_read_twice_are_mistakes_in_the_input() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let requisition = kept(&lab, &model, 2).await;
    let tag = requisition["loans"][0]["tag"].as_str().unwrap();

    let twice = json!([{"tag": tag}, {"equipment_id": requisition["loans"][0]["equipment_id"]}]);
    for units in [json!([{"tag": "ML-999999"}]), json!([{}]), json!([{"tag": " "}]), json!([]), twice] {
        refused(&lab, id_of(&requisition), units, 422, "invalid-input").await;
    }
}

#[tokio::test]
async fn a_unit_of_another_model_is_refused_by_its_name_and_takes_nothing_with_it() {
    let lab = given::a_lab().await;
    let (model, other) = (counter_model(&lab, 1).await, counter_model(&lab, 1).await);
    let requisition = kept(&lab, &model, 1).await;

    let units = json!([{"equipment_id": model.units[0]}, {"equipment_id": other.units[0]}]);
    let why = refused(&lab, id_of(&requisition), units, 409, "wrong-unit").await;

    let tag = tag_of(&lab, other.units[0]).await;
    assert_eq!(why, format!("{tag} is Oscilloscope 2, of which this requisition has nothing left to collect"));
}

#[tokio::test]
async fn a_unit_that_is_kept_for_somebody_else_in_this_period_is_not_given_away() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let (first, second) = (kept(&lab, &model, 1).await, kept(&lab, &model, 1).await);

    let units = json!([{"equipment_id": second["loans"][0]["equipment_id"]}]);
    let why = refused(&lab, id_of(&first), units, 409, "unit-already-promised").await;

    assert!(why.contains(second["number"].as_str().unwrap()), "{why}");
}

#[tokio::test]
async fn a_unit_that_is_out_on_another_requisition_must_come_back_first() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let (first, second) = (kept(&lab, &model, 1).await, kept(&lab, &model, 1).await);
    given::checked_out(&lab, &second).await;

    let units = json!([{"equipment_id": second["loans"][0]["equipment_id"]}]);
    let why = refused(&lab, id_of(&first), units, 409, "unit-held").await;

    assert!(why.contains(second["number"].as_str().unwrap()), "{why}");
}

#[tokio::test]
async fn a_unit_that_snipeit_shows_with_somebody_or_does_not_let_go_is_refused() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 1).await;
    let requisition = id_of(&kept(&lab, &model, 1).await);
    let units = json!([{"equipment_id": model.units[0]}]);

    behind_its_back(&lab, model.units[0], "holder_kind = 'user', holder_id = 99").await;
    refused(&lab, requisition, units.clone(), 409, "unit-held").await;
    behind_its_back(&lab, model.units[0], "holder_kind = null, holder_id = null, label_kind = 'undeployable'").await;
    refused(&lab, requisition, units, 409, "unit-not-lendable").await;
}

#[tokio::test]
async fn the_time_that_the_lab_wants_between_two_loans_holds_at_the_counter_too() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let (before, own) = (kept(&lab, &model, 1).await, kept(&lab, &model, 1).await);
    let path = format!("/v1/requisitions/{}/hand-over", id_of(&before));
    let units = json!({"units": [{"equipment_id": before["loans"][0]["equipment_id"]}]});
    let handed = lab.app.post(&lab.technician.token, &path, &units).await.expect(202);
    let path = format!("/v1/loans/{}/return", id_of(&handed["loans"][0]));
    lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(202);
    set_buffer(&lab, 24).await;

    let fresh = json!([{"tag": before["loans"][0]["tag"]}]);
    let refused = hand_over(&lab.app, &lab.technician, id_of(&own), fresh.clone()).await;
    let problem = refused.expect_problem(409, "unit-not-lendable");

    assert!(problem["detail"].as_str().unwrap().contains("came back a short time ago"), "{problem}");
    set_buffer(&lab, 0).await;
    hand_over(&lab.app, &lab.technician, id_of(&own), fresh).await.expect(202);
}

#[tokio::test]
async fn a_line_that_names_its_unit_gets_no_other_and_a_loan_that_is_named_keeps_its_own() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 3).await;
    let mut body = given::requisition(lab.project, &model, 1);
    body["lines"] = json!([{"equipment_id": model.units[0]}]);
    let named = id_of(&lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202));
    let any = kept(&lab, &model, 2).await;

    refused(&lab, named, json!([{"equipment_id": model.units[1]}]), 409, "wrong-unit").await;
    let crossed = json!([{"equipment_id": any["loans"][0]["equipment_id"], "loan_id": any["loans"][1]["id"]}]);
    refused(&lab, id_of(&any), crossed, 409, "wrong-unit").await;
}

#[tokio::test]
async fn nothing_is_handed_over_twice_nor_after_the_end_nor_to_oneself() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 3).await;
    let units = json!([{"equipment_id": model.units[0]}]);
    let staff_member = given::person(&lab.app, Role::Technician).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &staff_member, MemberRole::Member).await;

    let body = given::requisition(lab.project, &model, 1);
    let own = id_of(&lab.app.post(&staff_member.token, "/v1/requisitions", &body).await.expect(202));
    hand_over(&lab.app, &staff_member, own, units.clone()).await.expect_problem(403, "own-requisition");
    hand_over(&lab.app, &lab.technician, own, units.clone()).await.expect(202);
    hand_over(&lab.app, &lab.technician, own, units.clone()).await.expect_problem(409, "already-handed-over");

    let cancelled = kept(&lab, &model, 1).await;
    let path = format!("/v1/requisitions/{}/cancel", id_of(&cancelled));
    lab.app.post(&lab.member.token, &path, &json!({})).await.expect(200);
    let units = json!([{"equipment_id": cancelled["loans"][0]["equipment_id"]}]);
    hand_over(&lab.app, &lab.technician, id_of(&cancelled), units).await.expect_problem(409, "nothing-to-hand-over");
    let late = kept(&lab, &model, 1).await;
    lab.app.move_lab_clock(8).await;
    let units = json!([{"equipment_id": late["loans"][0]["equipment_id"]}]);
    hand_over(&lab.app, &lab.technician, id_of(&late), units).await.expect_problem(409, "period-over");
    let path = format!("/v1/requisitions/{own}/cancel");
    lab.app.post(&staff_member.token, &path, &json!({})).await.expect_problem(409, "not-cancellable");
}
