//! Every refusal is a problem with the same shape, whoever refuses.

use super::{
    app::{fields, request},
    given,
};
use axum::{
    body::Body,
    http::{Method, header},
};
use makerlab_shared::domain::user::Role;
use serde_json::json;

#[tokio::test]
async fn unknown_addresses_and_wrong_methods_are_problems() {
    let lab = given::a_lab().await;

    lab.app.get(&lab.member.token, "/v1/nothing").await.expect_problem(404, "unknown-route");
    lab.app.get("", "/").await.expect_problem(404, "unknown-route");
    lab.app.get("", "/problems/%ff").await.expect_problem(404, "not-found");
    let wrong = lab.app.call(&lab.member.token, Method::DELETE, "/v1/requisitions", &json!({})).await;
    let allow = wrong.headers[header::ALLOW].to_str().unwrap().to_owned();
    wrong.expect_problem(405, "method-not-allowed");
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_with_the_reason() {
    let lab = given::a_lab().await;
    let send = async |content_type: &str, body: Body| {
        let request = request(Method::POST, "/v1/requisitions", &lab.member.token);
        lab.app.send(request.header(header::CONTENT_TYPE, content_type).body(body).unwrap()).await
    };

    send("application/json", Body::from("{\"purpose\":")).await.expect_problem(400, "malformed-json");
    send("application/json", Body::from(vec![b'{', b'"', 0xff, b'"', b'}']))
        .await
        .expect_problem(400, "malformed-json");
    send("application/json", Body::from("[]")).await.expect_problem(422, "invalid-input");
    send("application/json", Body::empty()).await.expect_problem(422, "invalid-input");
    send("text/plain", Body::from("{}")).await.expect_problem(415, "unsupported-media-type");
    send("application/json", Body::from(vec![b' '; 10 * 1024 * 1024])).await.expect_problem(413, "body-too-large");
}

#[tokio::test]
async fn bad_ids_queries_and_cursors_are_named() {
    let lab = given::a_lab().await;
    let token = &lab.member.token;

    let problem = lab.app.get(token, "/v1/requisitions/7").await.expect_problem(400, "malformed-request");
    assert_eq!(fields(&problem), ["id"]);
    for query in
        ["limit=0", "limit=101", "limit=x", "cursor=x", "status=lost", "requester_id=you", "q=%00", "color=red"]
    {
        let path = format!("/v1/requisitions?{query}");
        lab.app.get(token, &path).await.expect_problem(400, "malformed-request");
    }
    let unknown = format!("/v1/requisitions/{}", uuid::Uuid::now_v7());
    lab.app.get(token, &unknown).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn a_database_that_is_away_is_a_503_that_says_when_to_come_back() {
    let lab = given::a_lab().await;
    lab.app.app_pool.close().await;

    for path in ["/v1/users/me", "/readyz"] {
        let reply = lab.app.get(&lab.member.token, path).await;
        assert!(reply.headers.contains_key(header::RETRY_AFTER));
        let problem = reply.expect_problem(503, "database-unavailable");
        assert!(!problem.to_string().contains("pool"), "{problem}");
    }
    lab.app.get("", "/livez").await.expect(200);
}

#[tokio::test]
async fn without_broker_the_api_is_ready_and_degraded() {
    let lab = given::a_lab().await;
    sqlx::query("update snipeit_link set pause_cause = 'token refused', paused_at = now()")
        .execute(&lab.app.owner)
        .await
        .unwrap();

    let ready = lab.app.get("", "/readyz").await.expect(200);
    let status = lab.app.get(&lab.member.token, "/v1/status").await.expect(200);

    assert_eq!(ready["status"], "degraded");
    assert_eq!(ready["reasons"].as_array().unwrap().len(), 2, "{ready}");
    assert_eq!(status["snipeit"]["pause_cause"], "token refused");
    assert_eq!(status["broker"]["is_connected"], false);
}

#[tokio::test]
async fn people_and_projects_are_checked_before_they_are_written() {
    let lab = given::a_lab().await;
    let admin = &lab.admin.token;
    let ana = json!({"name": "Ana", "email": "ana@lab.example", "role": "student", "language": "pt"});
    lab.app.post(admin, "/v1/users", &ana).await.expect(201);

    lab.app.post(admin, "/v1/users", &ana).await.expect_problem(409, "email-in-use");
    let bad = json!({"name": "A\nB", "email": "ana", "role": "student"});
    let problem = lab.app.post(admin, "/v1/users", &bad).await.expect_problem(422, "invalid-input");
    assert_eq!(fields(&problem), ["/name", "/email"]);
    let king = json!({"name": "Ana", "email": "a@b", "role": "king"});
    let problem = lab.app.post(admin, "/v1/users", &king).await.expect_problem(422, "invalid-input");
    assert_eq!(fields(&problem), ["/role"]);
    let problem = lab.app.post(admin, "/v1/projects", &json!({"name": "a\u{0}"})).await;
    assert_eq!(fields(&problem.expect_problem(422, "invalid-input")), ["/name"]);
}

#[tokio::test]
async fn a_member_is_found_by_address_and_added_once() {
    let lab = given::a_lab().await;
    let path = format!("/v1/projects/{}/members", lab.project);
    let newcomer = given::person(&lab.app, Role::Student).await;
    let me = lab.app.get(&newcomer.token, "/v1/users/me").await.expect(200);
    let body = json!({"email": me["email"], "role": "member"});

    lab.app.post(&lab.leader.token, &path, &body).await.expect(201);
    lab.app.post(&lab.leader.token, &path, &body).await.expect_problem(409, "already-a-member");
    let nobody = json!({"email": "nobody@lab.example", "role": "member"});
    lab.app.post(&lab.leader.token, &path, &nobody).await.expect_problem(422, "invalid-input");
    let members = lab.app.get(&newcomer.token, &path).await.expect(200);
    assert_eq!(members.as_array().unwrap().len(), 3);
}
