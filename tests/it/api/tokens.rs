//! The life of a token: issued once, used, revoked.

use super::given;
use axum::http::Method;
use chrono::{Duration, Utc};
use makerlab_shared::domain::id::UserId;
use serde_json::{Value, json};
use std::time::{Duration as Patience, Instant};

#[tokio::test]
async fn a_token_is_shown_once_opens_what_its_owner_may_and_ends_when_revoked() {
    let lab = given::a_lab().await;
    let body = json!({"label": "notebook", "days": 30});

    let issued = lab.app.post_with_key(&lab.member.token, "/v1/tokens", "k1", &body).await.expect(201);
    let again = lab.app.post_with_key(&lab.member.token, "/v1/tokens", "k1", &body).await.expect(201);
    let secret = issued["token"].as_str().unwrap();
    assert_eq!(again["token"], Value::Null);
    assert_eq!(again["id"], issued["id"]);
    assert!(secret.starts_with(issued["prefix"].as_str().unwrap()));

    let me = lab.app.get(secret, "/v1/users/me").await.expect(200);
    assert_eq!(me["id"], json!(lab.member.id));
    let listed = lab.app.get(&lab.member.token, "/v1/tokens").await.expect(200);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(secret));
    let stored: String =
        sqlx::query_scalar("select string_agg(t::text || k::text, '') from api_tokens t, idempotency_keys k")
            .fetch_one(&lab.app.owner)
            .await
            .unwrap();
    assert!(!stored.contains(secret));

    let path = format!("/v1/tokens/{}", issued["id"].as_str().unwrap());
    lab.app.call(&lab.leader.token, Method::DELETE, &path, &json!({})).await.expect_problem(404, "not-found");
    lab.app.call(&lab.member.token, Method::DELETE, &path, &json!({})).await.expect(204);
    lab.app.get(secret, "/v1/users/me").await.expect_problem(401, "not-authenticated");
}

#[tokio::test]
async fn an_expired_token_and_a_guessed_secret_open_nothing() {
    let lab = given::a_lab().await;
    let expired = given::token(&lab.app, UserId(lab.admin.id), Utc::now() - Duration::seconds(1)).await;
    let (known, _) = lab.admin.token.rsplit_once('_').unwrap();
    let known = known.split('_').take(2).collect::<Vec<_>>().join("_");
    let guessed = format!("{known}_{}", "A".repeat(43));

    lab.app.get(&expired, "/v1/users/me").await.expect_problem(401, "not-authenticated");
    lab.app.get(&guessed, "/v1/users/me").await.expect_problem(401, "not-authenticated");
}

#[tokio::test]
async fn only_admins_issue_and_see_the_tokens_of_others() {
    let lab = given::a_lab().await;
    let body = json!({"user_id": lab.member.id, "label": "kiosk", "days": 1});

    lab.app.post(&lab.technician.token, "/v1/tokens", &body).await.expect_problem(403, "role-not-allowed");
    lab.app.get(&lab.technician.token, "/v1/tokens?user_id=all").await.expect_problem(403, "role-not-allowed");
    lab.app.post(&lab.admin.token, "/v1/tokens", &body).await.expect(201);
    let all = lab.app.get(&lab.admin.token, "/v1/tokens?user_id=all").await.expect(200);
    assert_eq!(all.as_array().unwrap().len(), 5);
    for bad in [json!({"label": "", "days": 1}), json!({"label": "x", "days": 0}), json!({"label": "x", "days": 99999})]
    {
        lab.app.post(&lab.admin.token, "/v1/tokens", &bad).await.expect_problem(422, "invalid-input");
    }
}

#[tokio::test]
async fn the_use_of_a_token_is_noted() {
    let lab = given::a_lab().await;
    lab.app.get(&lab.member.token, "/v1/users/me").await.expect(200);

    let deadline = Instant::now() + Patience::from_secs(10);
    loop {
        let tokens = lab.app.get(&lab.member.token, "/v1/tokens").await.expect(200);
        if tokens[0]["last_used_at"].is_string() {
            break;
        }
        assert!(Instant::now() < deadline, "{tokens}");
        tokio::task::yield_now().await;
    }
}
