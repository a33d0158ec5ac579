//! What needs a person, and what follows from a person's answer.

mod drift;

use super::given::{self, Lab, id_of};
use serde_json::{Value, json};
use uuid::Uuid;

/// An operation of which Snipe-IT cannot tell what became of it.
pub(super) async fn operation_with_person(lab: &Lab) -> (Value, Uuid) {
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(lab, &model).await;
    let operation = id_of(&requisition["operations"][0]);
    sqlx::query(
        "update operations set state = 'with_person', attempts = 1, fingerprint = '2026-01-10 10:00:00' where id = $1",
    )
    .bind(operation)
    .execute(&lab.app.owner)
    .await
    .unwrap();
    sqlx::query("update users set snipeit_user_id = 7 where id = $1")
        .bind(lab.member.id)
        .execute(&lab.app.owner)
        .await
        .unwrap();
    let finding = raise(lab, "operation_with_person", operation, Some(id_of(&requisition))).await;
    (requisition, finding)
}

async fn raise(lab: &Lab, kind: &str, subject: Uuid, requisition: Option<Uuid>) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into findings (id, kind, subject_id, requisition_id, summary, evidence, state)
         values ($1, $2, $3, $4, 'Nobody can tell.', '{}', 'open')",
    )
    .bind(id)
    .bind(kind)
    .bind(subject)
    .bind(requisition)
    .execute(&lab.app.owner)
    .await
    .unwrap();
    id
}

#[tokio::test]
async fn a_technician_who_saw_it_happen_settles_the_loan() {
    let lab = given::a_lab().await;
    let (requisition, finding) = operation_with_person(&lab).await;
    let path = format!("/v1/findings/{finding}");
    let shown = lab.app.get(&lab.technician.token, &path).await.expect(200);
    assert_eq!(shown["possible_resolutions"], json!(["happened", "did_not_happen", "abandoned"]));

    let body = json!({"resolution": "happened", "note": "It is on the borrower's list"});
    let settled = lab.app.post(&lab.technician.token, &format!("{path}/settle"), &body).await.expect(200);

    assert_eq!((&settled["state"], &settled["resolution"]), (&json!("settled"), &json!("happened")));
    assert_eq!(settled["settled_by"], json!(lab.technician.id));
    let after = lab.app.get(&lab.member.token, &format!("/v1/requisitions/{}", id_of(&requisition))).await.expect(200);
    assert_eq!(after["status"], "checked_out");
    assert_eq!(after["loans"][0]["status"], "checked_out");
    let last = after["history"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["entity"], &last["event"]), (&json!("finding"), &json!("finding_settled")));
    lab.app.post(&lab.technician.token, &format!("{path}/settle"), &body).await.expect_problem(409, "finding-settled");
}

#[tokio::test]
async fn what_did_not_happen_fails_the_loan_and_says_why() {
    let lab = given::a_lab().await;
    let (requisition, finding) = operation_with_person(&lab).await;

    let body = json!({"resolution": "did_not_happen"});
    lab.app.post(&lab.technician.token, &format!("/v1/findings/{finding}/settle"), &body).await.expect(200);

    let after = lab.app.get(&lab.member.token, &format!("/v1/requisitions/{}", id_of(&requisition))).await.expect(200);
    assert_eq!(after["status"], "failed");
    assert_eq!(after["loans"][0]["failure"], "a technician found that the check-out did not take place");
}

#[tokio::test]
async fn a_loan_of_which_nobody_knows_whose_it_is_in_snipeit_cannot_have_happened() {
    let lab = given::a_lab().await;
    let (requisition, finding) = operation_with_person(&lab).await;
    sqlx::query("update users set snipeit_user_id = null").execute(&lab.app.owner).await.unwrap();

    let path = format!("/v1/findings/{finding}/settle");
    let reply = lab.app.post(&lab.technician.token, &path, &json!({"resolution": "happened"})).await;

    reply.expect_problem(409, "borrower-unknown");
    let after = lab.app.get(&lab.member.token, &format!("/v1/requisitions/{}", id_of(&requisition))).await.expect(200);
    assert_eq!(after["loans"][0]["status"], "promised");
}

#[tokio::test]
async fn an_answer_that_the_finding_does_not_know_is_refused() {
    let lab = given::a_lab().await;
    let (_, finding) = operation_with_person(&lab).await;
    let path = format!("/v1/findings/{finding}/settle");

    for body in [json!({"resolution": "retried"}), json!({"resolution": "happened", "snipeit_user_id": 7})] {
        lab.app.post(&lab.technician.token, &path, &body).await.expect_problem(422, "invalid-input");
    }
    assert_eq!(lab.app.count("findings where state = 'open'").await, 1);
}

#[tokio::test]
async fn naming_the_borrower_lets_the_waiting_jobs_run() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    given::submitted(&lab, &model).await;
    sqlx::query("update jobs set due_at = now() + interval '1 hour', waiting_reason = 'borrower not matched'")
        .execute(&lab.app.owner)
        .await
        .unwrap();
    let finding = raise(&lab, "borrower_not_matched", lab.member.id, None).await;

    let body = json!({"resolution": "retried", "snipeit_user_id": 42});
    lab.app.post(&lab.technician.token, &format!("/v1/findings/{finding}/settle"), &body).await.expect(200);

    let user = lab.app.get(&lab.technician.token, &format!("/v1/users/{}", lab.member.id)).await.expect(200);
    assert_eq!(user["snipeit_user_id"], 42);
    assert_eq!(lab.app.count("jobs where kind = 'run_operation' and due_at <= now()").await, 1);
}

#[tokio::test]
async fn the_inbox_is_filtered_by_state_and_kind() {
    let lab = given::a_lab().await;
    let (_, finding) = operation_with_person(&lab).await;
    raise(&lab, "borrower_not_matched", lab.member.id, None).await;
    let body = json!({"resolution": "abandoned"});
    lab.app.post(&lab.technician.token, &format!("/v1/findings/{finding}/settle"), &body).await.expect(200);

    for (query, expected) in [("", 2), ("?state=open", 1), ("?kind=operation_with_person", 1), ("?state=settled", 1)] {
        let page = lab.app.get(&lab.admin.token, &format!("/v1/findings{query}")).await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), expected, "{query}");
    }
}
