//! Giving up the rest: what is promised of a requisition of which something is out already.

use super::{
    app::Reply,
    given::{self, Lab, id_of},
};
use axum::http::Method;
use serde_json::{Value, json};

async fn cancel(lab: &Lab, requisition: &Value) -> Reply {
    lab.app.post(&lab.member.token, &format!("/v1/requisitions/{}/cancel", id_of(requisition)), &json!({})).await
}

/// A word of each loan, in the order in which they were promised.
fn of_loans<'a>(requisition: &'a Value, field: &str) -> Vec<&'a str> {
    requisition["loans"].as_array().unwrap().iter().map(|loan| loan[field].as_str().unwrap()).collect()
}

async fn free_units(lab: &Lab, model: &given::Model) -> Value {
    let path = format!("/v1/equipment-models/{}", model.id);
    lab.app.get(&lab.member.token, &path).await.expect(200)["free_units"].clone()
}

#[tokio::test]
async fn what_nobody_wants_to_collect_is_free_again_while_the_rest_is_out_and_the_project_can_end() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 3, &lab.admin).await;
    let path = format!("/v1/equipment-models/{}", model.id);
    lab.app.call(&lab.admin.token, Method::PATCH, &path, &json!({"collection": "counter"})).await.expect(200);
    let body = given::requisition(lab.project, &model, 3);
    let requisition = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    let wanted = requisition["loans"].as_array().unwrap().iter().take(2);
    let units: Vec<_> = wanted.map(|loan| json!({"equipment_id": loan["equipment_id"]})).collect();
    let hand_over = format!("/v1/requisitions/{}/hand-over", id_of(&requisition));
    lab.app.post(&lab.technician.token, &hand_over, &json!({"units": units})).await.expect(202);
    let complete = format!("/v1/projects/{}/complete", lab.project);

    let given_up = cancel(&lab, &requisition).await.expect(200);

    assert_eq!(of_loans(&given_up, "status"), ["handed_over", "handed_over", "released"]);
    assert_eq!((&given_up["status"], &given_up["lines"][0]["status"]), (&json!("handed_over"), &json!("approved")));
    assert_eq!(free_units(&lab, &model).await, 1);
    cancel(&lab, &requisition).await.expect_problem(409, "not-cancellable");
    for loan in given_up["loans"].as_array().unwrap().iter().take(2) {
        let path = format!("/v1/loans/{}/return", loan["id"].as_str().unwrap());
        lab.app.post(&lab.member.token, &path, &json!({})).await.expect(202);
    }
    lab.app.post(&lab.leader.token, &complete, &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_check_out_that_waits_is_withdrawn_and_none_that_may_have_been_sent() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 4, &lab.admin).await;
    let mut body = given::requisition(lab.project, &model, 3);
    body["lines"] = json!(vec![json!({"model_id": model.id, "quantity": 1}); 4]);
    let requisition = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    let operations: Vec<_> = of_loans(&requisition, "id");
    for (loan, state) in operations.iter().zip([
        "state = 'sent', attempts = 1, fingerprint = '2026-01-10 10:00:00'",
        "state = 'waiting', attempts = 1",
        "state = 'waiting', in_doubt = true",
    ]) {
        let moved = format!("update operations set {state} where loan_id = '{loan}'");
        assert_eq!(sqlx::query(sqlx::AssertSqlSafe(moved)).execute(&lab.app.owner).await.unwrap().rows_affected(), 1);
    }

    let given_up = cancel(&lab, &requisition).await.expect(200);

    assert_eq!(of_loans(&given_up, "status"), ["promised", "promised", "promised", "released"]);
    let lines: Vec<_> = given_up["lines"].as_array().unwrap().iter().map(|line| line["status"].clone()).collect();
    assert_eq!(lines, ["approved", "approved", "approved", "cancelled"]);
    let withdrawn: Vec<String> = sqlx::query_scalar("select loan_id::text from operations where state = 'abandoned'")
        .fetch_all(&lab.app.owner)
        .await
        .unwrap();
    assert_eq!(withdrawn, [operations[3]]);
    let told = cancel(&lab, &requisition).await.expect_problem(409, "not-cancellable");
    assert!(told["detail"].as_str().unwrap().contains("is being verified"), "one of them is in doubt: {told}");
}
