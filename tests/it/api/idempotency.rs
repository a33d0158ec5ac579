//! The same request gets the same answer and makes one effect.

use super::given;
use serde_json::json;

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_changes_nothing() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let body = given::requisition(lab.project, &model, 1);

    let first = lab.app.post_with_key(&lab.member.token, "/v1/requisitions", "k1", &body).await;
    let second = lab.app.post_with_key(&lab.member.token, "/v1/requisitions", "k1", &body).await;

    assert_eq!(first.status, 202);
    assert_eq!((first.status, &first.json), (second.status, &second.json));
    assert_eq!(first.headers["location"], second.headers["location"]);
    assert_eq!(lab.app.count("requisitions").await, 1);
}

#[tokio::test]
async fn another_body_or_another_person_makes_it_another_request() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let body = given::requisition(lab.project, &model, 1);
    let mut other = body.clone();
    other["purpose"] = json!("Something else");
    lab.app.post_with_key(&lab.member.token, "/v1/requisitions", "k1", &body).await.expect(202);

    lab.app
        .post_with_key(&lab.member.token, "/v1/requisitions", "k1", &other)
        .await
        .expect_problem(422, "idempotency-key-reused");
    lab.app.post_with_key(&lab.leader.token, "/v1/requisitions", "k1", &other).await.expect(202);

    assert_eq!(lab.app.count("requisitions").await, 2);
}

#[tokio::test]
async fn parallel_duplicates_make_one_requisition() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let body = given::requisition(lab.project, &model, 1);

    let requests = (0..10).map(|_| lab.app.post_with_key(&lab.member.token, "/v1/requisitions", "k1", &body));
    let replies = futures_util::future::join_all(requests).await;

    for reply in replies {
        match reply.status.as_u16() {
            202 => {}
            _ => drop(reply.expect_problem(409, "request-in-progress")),
        }
    }
    assert_eq!(lab.app.count("requisitions").await, 1);
    lab.app.post_with_key(&lab.member.token, "/v1/requisitions", "k1", &body).await.expect(202);
    assert_eq!(lab.app.count("requisitions").await, 1);
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_an_old_key_is_forgotten() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let mut bad = given::requisition(lab.project, &model, 1);
    bad["purpose"] = json!("");
    let body = given::requisition(lab.project, &model, 1);
    let path = "/v1/requisitions";

    lab.app.post_with_key(&lab.member.token, path, "k1", &bad).await.expect_problem(422, "invalid-input");
    lab.app.post_with_key(&lab.member.token, path, "k1", &body).await.expect(202);
    sqlx::query("update idempotency_keys set created_at = now() - interval '49 hours'")
        .execute(&lab.app.owner)
        .await
        .unwrap();
    lab.app.post_with_key(&lab.member.token, path, "k1", &body).await.expect(202);

    assert_eq!(lab.app.count("requisitions").await, 2);
}

#[tokio::test]
async fn a_key_that_cannot_be_a_key_is_refused() {
    let lab = given::a_lab().await;
    for key in ["with space", &"x".repeat(256)] {
        let problem = lab.app.post_with_key(&lab.member.token, "/v1/projects", key, &json!({"name": "P"})).await;
        problem.expect_problem(400, "malformed-request");
    }
}

#[tokio::test]
async fn a_second_approval_with_the_same_key_is_the_same_answer() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let id = given::id_of(&given::submitted(&lab, &model).await);
    let path = format!("/v1/requisitions/{id}/approve");

    let first = lab.app.post_with_key(&lab.technician.token, &path, "k1", &json!({})).await.expect(200);
    let second = lab.app.post_with_key(&lab.technician.token, &path, "k1", &json!({})).await.expect(200);

    assert_eq!(first, second);
    assert_eq!(lab.app.count("loans").await, 1);
}

#[tokio::test]
async fn an_answer_is_repeated_although_the_request_would_be_refused_by_now() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let body = given::requisition(lab.project, &model, 1);
    let first = lab.app.post_with_key(&lab.member.token, "/v1/requisitions", "k1", &body).await.expect(202);
    sqlx::query("update projects set status = 'completed'").execute(&lab.app.owner).await.unwrap();

    let second = lab.app.post_with_key(&lab.member.token, "/v1/requisitions", "k1", &body).await.expect(202);
    assert_eq!(first, second);
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect_problem(409, "project-not-active");
}
