//! Line by line: what is asked for and what is granted stand beside each other, and one letter tells the outcome.

use super::{
    app::Reply,
    given::{self, Lab, Model, id_of},
};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};
use uuid::Uuid;

/// A requisition of the member with one line for each model and quantity, which waits for a decision.
async fn waiting(lab: &Lab, lines: &[(&Model, i64)]) -> Value {
    let lines: Vec<_> =
        lines.iter().map(|(model, quantity)| json!({"model_id": model.id, "quantity": quantity})).collect();
    let due_at = Utc::now() + Duration::days(7);
    let body = json!({"project_id": lab.project, "purpose": "Measuring", "due_at": due_at, "lines": lines});
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202)
}

async fn decide(lab: &Lab, token: &str, requisition: &Value, decisions: Value) -> Reply {
    let path = format!("/v1/requisitions/{}/decide", id_of(requisition));
    lab.app.post(token, &path, &json!({"decisions": decisions})).await
}

fn line(requisition: &Value, index: usize) -> Uuid {
    id_of(&requisition["lines"][index])
}

fn of_line(requisition: &Value, line: Uuid) -> Vec<&Value> {
    let loans = requisition["loans"].as_array().unwrap().iter();
    loans.filter(|loan| loan["line_id"] == json!(line)).collect()
}

/// The events that were written to the member about requisitions, the oldest first.
async fn told(lab: &Lab) -> Vec<String> {
    let events = sqlx::query_scalar(
        "select event from notifications where recipient_id = $1 and requisition_id is not null order by created_at, id",
    );
    events.bind(lab.member.id).fetch_all(&lab.app.owner).await.unwrap()
}

#[tokio::test]
async fn one_line_is_granted_one_reduced_one_substituted_and_one_rejected_and_one_letter_tells_it() {
    let lab = given::a_lab().await;
    let (scope, board) = (given::model(&lab.app, 2).await, given::model(&lab.app, 5).await);
    let (old, new) = (given::model(&lab.app, 1).await, given::model(&lab.app, 1).await);
    let asked = waiting(&lab, &[(&scope, 1), (&board, 5), (&old, 1), (&scope, 1)]).await;

    let after_two = decide(
        &lab,
        &lab.technician.token,
        &asked,
        json!([
            {"line_id": line(&asked, 0), "decision": "approve"},
            {"line_id": line(&asked, 1), "decision": "approve", "quantity": 2, "reason": "The course needs three"},
        ]),
    )
    .await
    .expect(200);
    assert_eq!(after_two["status"], "pending");
    assert_eq!(told(&lab).await, ["submitted"], "nothing is told before the last line is decided");

    let decided = decide(
        &lab,
        &lab.admin.token,
        &after_two,
        json!([
            {"line_id": line(&asked, 2), "decision": "approve", "model_id": new.id},
            {"line_id": line(&asked, 3), "decision": "reject", "reason": "One is enough"},
        ]),
    )
    .await
    .expect(200);

    assert_eq!(decided["status"], "approved");
    let shown = |index: usize, field: &str| decided["lines"][index][field].clone();
    assert_eq!((shown(0, "granted_quantity"), shown(0, "decided_by")), (json!(1), json!(lab.technician.id)));
    assert_eq!((shown(1, "quantity"), shown(1, "granted_quantity")), (json!(5), json!(2)));
    assert_eq!(shown(1, "decision_reason"), "The course needs three");
    assert_eq!((shown(2, "model_id"), shown(2, "granted_model_id")), (json!(old.id), json!(new.id)));
    assert_eq!((shown(3, "status"), shown(3, "granted_quantity")), (json!("rejected"), Value::Null));
    assert_eq!((shown(3, "decision_reason"), shown(3, "decided_by")), (json!("One is enough"), json!(lab.admin.id)));
    let given: Vec<_> = (0..4).map(|index| of_line(&decided, line(&asked, index)).len()).collect();
    assert_eq!(given, [1, 2, 1, 0]);
    assert_eq!(of_line(&decided, line(&asked, 2))[0]["equipment_id"], json!(new.units[0]));
    assert_eq!(told(&lab).await, ["submitted", "partly_approved"]);
    let reasons: Vec<_> = decided["history"].as_array().unwrap().iter().filter_map(|e| e["reason"].as_str()).collect();
    assert!(reasons.contains(&"The course needs three") && reasons.contains(&"One is enough"), "{reasons:?}");
}

#[tokio::test]
async fn everything_granted_as_asked_is_an_approval_and_nothing_granted_is_a_rejection() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 3).await;
    for (word, status, event) in [("approve", "approved", "approved"), ("reject", "rejected", "rejected")] {
        let asked = waiting(&lab, &[(&model, 1), (&model, 1)]).await;
        for index in [0, 1] {
            let one = json!([{"line_id": line(&asked, index), "decision": word, "reason": "So it is"}]);
            decide(&lab, &lab.technician.token, &asked, one).await.expect(200);
        }
        let path = format!("/v1/requisitions/{}", id_of(&asked));
        assert_eq!(lab.app.get(&lab.member.token, &path).await.expect(200)["status"], status);
        assert_eq!(told(&lab).await.last().unwrap(), event);
    }
}

#[tokio::test]
async fn named_units_are_given_and_no_others() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 4).await;
    let asked = waiting(&lab, &[(&model, 2)]).await;
    let units = json!([model.units[3], model.units[1]]);
    let named = json!([{"line_id": line(&asked, 0), "decision": "approve", "equipment_ids": units}]);

    let decided = decide(&lab, &lab.technician.token, &asked, named).await.expect(200);

    let mut given: Vec<_> = decided["loans"].as_array().unwrap().iter().map(|loan| loan["tag"].clone()).collect();
    given.sort_by_key(ToString::to_string);
    let tags =
        lab.app.get(&lab.member.token, &format!("/v1/equipment-models/{}/equipment", model.id)).await.expect(200);
    assert_eq!(json!(given), json!([tags[1]["tag"], tags[3]["tag"]]));
    let exchangeable = lab.app.count("operations where any_unit").await;
    assert_eq!(exchangeable, 0, "another unit must not take the place of a named one");
}

#[tokio::test]
async fn a_decision_that_cannot_be_is_refused_with_its_field_and_changes_nothing() {
    let lab = given::a_lab().await;
    let (model, other) = (given::model(&lab.app, 3).await, given::model(&lab.app, 1).await);
    let asked = waiting(&lab, &[(&model, 2)]).await;
    let first = line(&asked, 0);
    let nobody = Uuid::now_v7();
    let approve = |more: Value| {
        let mut one = json!({"line_id": first, "decision": "approve"});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([one])
    };

    for (decisions, field) in [
        (json!([]), "/decisions"),
        (json!([{"line_id": nobody, "decision": "approve"}]), "/decisions/0/line_id"),
        (approve(json!({"quantity": 0})), "/decisions/0/quantity"),
        (approve(json!({"quantity": 3})), "/decisions/0/quantity"),
        (approve(json!({"model_id": nobody})), "/decisions/0/model_id"),
        (approve(json!({"equipment_ids": [model.units[0]], "quantity": 2})), "/decisions/0/equipment_ids"),
        (approve(json!({"equipment_ids": [model.units[0], model.units[0]]})), "/decisions/0/equipment_ids/1"),
        (approve(json!({"equipment_ids": [other.units[0]], "quantity": 1})), "/decisions/0/equipment_ids/0"),
        (json!([{"line_id": first, "decision": "reject", "quantity": 1, "reason": "No"}]), "/decisions/0/quantity"),
    ] {
        let told = decisions.to_string();
        let problem = decide(&lab, &lab.technician.token, &asked, decisions).await.expect_problem(422, "invalid-input");
        assert!(super::app::fields(&problem).contains(&field), "{told}: {problem}");
    }
    let without_reason = json!([{"line_id": first, "decision": "reject", "reason": " "}]);
    decide(&lab, &lab.technician.token, &asked, without_reason).await.expect_problem(422, "invalid-input");
    let twice = json!([{"line_id": first, "decision": "approve"}, {"line_id": first, "decision": "approve"}]);
    decide(&lab, &lab.technician.token, &asked, twice).await.expect_problem(422, "invalid-input");
    assert_eq!(lab.app.get(&lab.member.token, &format!("/v1/requisitions/{}", id_of(&asked))).await.expect(200), asked);
}

#[tokio::test]
async fn a_line_is_decided_once_and_never_by_whoever_asked() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 3).await;
    let staff_member = given::person(&lab.app, Role::Technician).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &staff_member, MemberRole::Member).await;
    let body = given::requisition(lab.project, &model, 1);
    let own = lab.app.post(&staff_member.token, "/v1/requisitions", &body).await.expect(202);
    let asked = waiting(&lab, &[(&model, 1), (&model, 1)]).await;

    let of_own = json!([{"line_id": line(&own, 0), "decision": "approve"}]);
    decide(&lab, &staff_member.token, &own, of_own).await.expect_problem(403, "own-requisition");
    let first = json!([{"line_id": line(&asked, 0), "decision": "approve"}]);
    decide(&lab, &lab.technician.token, &asked, first.clone()).await.expect(200);
    let problem = decide(&lab, &lab.admin.token, &asked, first).await.expect_problem(409, "already-decided");
    assert!(problem["detail"].as_str().unwrap().contains("line 1"), "{problem}");
    decide(&lab, &lab.leader.token, &asked, json!([])).await.expect_problem(403, "role-not-allowed");
}

#[tokio::test]
async fn approving_and_rejecting_the_rest_leaves_what_was_decided_before() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 3).await;
    let asked = waiting(&lab, &[(&model, 1), (&model, 1)]).await;
    let no = json!([{"line_id": line(&asked, 0), "decision": "reject", "reason": "Broken"}]);
    decide(&lab, &lab.technician.token, &asked, no).await.expect(200);

    let path = format!("/v1/requisitions/{}/approve", id_of(&asked));
    let approved = lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(200);

    let statuses: Vec<_> = approved["lines"].as_array().unwrap().iter().map(|line| line["status"].clone()).collect();
    assert_eq!((statuses, &approved["status"]), (vec![json!("rejected"), json!("approved")], &json!("approved")));
    assert_eq!(told(&lab).await, ["submitted", "partly_approved"]);
}

#[tokio::test]
async fn cancelling_takes_back_what_waits_although_something_is_out_and_only_that() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 3).await;
    let asked = waiting(&lab, &[(&model, 1), (&model, 1)]).await;
    let yes = json!([{"line_id": line(&asked, 0), "decision": "approve"}]);
    let promised = decide(&lab, &lab.technician.token, &asked, yes).await.expect(200);
    assert_eq!(promised["status"], "pending");
    given::checked_out(&lab, &promised).await;
    let as_computed = sqlx::query("update requisitions set status = 'partly_checked_out' where id = $1");
    as_computed.bind(id_of(&asked)).execute(&lab.app.owner).await.unwrap();

    let path = format!("/v1/requisitions/{}/cancel", id_of(&asked));
    let cancelled = lab.app.post(&lab.member.token, &path, &json!({})).await.expect(200);

    let statuses: Vec<_> = cancelled["lines"].as_array().unwrap().iter().map(|line| line["status"].clone()).collect();
    assert_eq!(statuses, ["approved", "cancelled"]);
    assert_eq!(
        (&cancelled["status"], &cancelled["loans"][0]["status"]),
        (&json!("checked_out"), &json!("checked_out"))
    );
    lab.app.post(&lab.member.token, &path, &json!({})).await.expect_problem(409, "not-cancellable");
}

/// Left out, a start means now; while it waits for a yes, that passes.
#[tokio::test]
async fn a_unit_that_was_out_when_it_was_asked_for_and_came_back_since_is_granted() {
    let lab = given::a_lab().await;
    let scope = given::model(&lab.app, 1).await;
    let first = waiting(&lab, &[(&scope, 1)]).await;
    let yes = |requisition: &Value| format!("/v1/requisitions/{}/approve", id_of(requisition));
    lab.app.post(&lab.technician.token, &yes(&first), &json!({})).await.expect(200);
    given::checked_out(&lab, &first).await;
    let asked = waiting(&lab, &[(&scope, 1)]).await;
    lab.app.post(&lab.technician.token, &yes(&asked), &json!({})).await.expect_problem(409, "no-free-unit");

    lab.app.move_lab_clock(1).await;
    sqlx::query("update loans set status = 'returned', returned_at = lab_now()").execute(&lab.app.owner).await.unwrap();
    lab.app.move_lab_clock(1).await;

    let granted = lab.app.post(&lab.technician.token, &yes(&asked), &json!({})).await.expect(200);
    assert_eq!(of_line(&granted, line(&granted, 0)).len(), 1);
    assert_eq!(lab.app.count("unmet_demand").await, 1, "only while it was out");
}
