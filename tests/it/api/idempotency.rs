//! The same request gets the same answer and makes one effect.

use super::{app::App, given};
use makerlab_shared::{
    domain::id::UserId,
    store::idempotency::{Claim, KeptAnswer, RequestName, claim, keep},
};
use makerlab_tests::stack::until;
use serde_json::json;
use std::time::{Duration, Instant};

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
    // The refused request's transaction ends behind its answer.
    let deadline = Instant::now() + Duration::from_secs(30);
    let reply = loop {
        let reply = lab.app.post_with_key(&lab.member.token, path, "k1", &body).await;
        if reply.json["type"] != "/problems/request-in-progress" || Instant::now() > deadline {
            break reply;
        }
    };
    reply.expect(202);
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

#[tokio::test]
async fn an_answer_that_is_kept_between_the_question_and_the_lock_is_heard() {
    let lab = given::a_lab().await;
    let name = RequestName { user: UserId(lab.member.id), route: "POST /v1/x".to_owned(), key: "k1".to_owned() };
    let answer =
        KeptAnswer { body_hash: vec![1; 32], status: 202, location: None, version: None, body: json!({"n": 1}) };
    let mut barrier = locks_wait_at_a_barrier(&lab.app).await;

    let mut duplicate = lab.app.owner.begin().await.unwrap();
    sqlx::query("set local search_path = slow, public, pg_catalog").execute(&mut *duplicate).await.unwrap();
    let asked = name.clone();
    let claiming = tokio::spawn(async move { claim(&mut duplicate, &asked).await });
    let waiting = "pg_locks join pg_database on pg_database.oid = database
                   where datname = current_database() and locktype = 'advisory' and not granted";
    let waits = async || (lab.app.count(waiting).await == 1).then_some(());
    until("the duplicate stands before its lock", Duration::from_secs(10), waits).await.unwrap();
    assert!(keep(&mut lab.app.owner.acquire().await.unwrap(), &name, &answer).await.unwrap());
    sqlx::query("select pg_advisory_unlock(1)").execute(&mut *barrier).await.unwrap();

    assert_eq!(claiming.await.unwrap().unwrap(), Claim::Answered(answer));
}

/// Whoever looks for functions in the schema `slow` first gets advisory locks only when the returned connection lets go.
async fn locks_wait_at_a_barrier(app: &App) -> sqlx::pool::PoolConnection<sqlx::Postgres> {
    for statement in [
        "create schema slow",
        "create function slow.pg_try_advisory_xact_lock(number bigint) returns boolean language plpgsql as $$
         begin
             perform pg_catalog.pg_advisory_xact_lock(1);
             return pg_catalog.pg_try_advisory_xact_lock(number);
         end $$",
    ] {
        sqlx::query(statement).execute(&app.owner).await.unwrap();
    }
    let mut barrier = app.owner.acquire().await.unwrap();
    sqlx::query("select pg_advisory_lock(1)").execute(&mut *barrier).await.unwrap();
    barrier
}
