//! What bad input gets: the field or the rule, and no change.

use super::{
    app::fields,
    given::{self, Lab, Model},
};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};
use uuid::Uuid;

type Spoil = Box<dyn FnOnce(&mut Value)>;

async fn refused(lab: &Lab, change: impl FnOnce(&mut Value)) -> Value {
    let model = given::model(&lab.app, 1).await;
    refused_with(lab, &model, change).await
}

async fn refused_with(lab: &Lab, model: &Model, change: impl FnOnce(&mut Value)) -> Value {
    let mut body = given::requisition(lab.project, model, 1);
    change(&mut body);
    let reply = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await;
    let problem = reply.expect_problem(422, "invalid-input");
    assert_eq!(lab.app.count("requisitions").await, 0);
    problem
}

#[tokio::test]
async fn every_field_that_makes_no_sense_is_named() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let long_ago = Utc::now() - Duration::days(3);
    let cases: Vec<(&str, Spoil)> = vec![
        ("/project_id", Box::new(|body| body["project_id"] = json!(Uuid::now_v7()))),
        ("/project_id", Box::new(|body| body["project_id"] = json!("7"))),
        ("/purpose", Box::new(|body| body["purpose"] = json!("  "))),
        ("/purpose", Box::new(|body| body["purpose"] = json!("a\u{0}b"))),
        ("/starts_at", Box::new(move |body| body["starts_at"] = json!(long_ago))),
        ("/due_at", Box::new(move |body| body["due_at"] = json!(long_ago))),
        (
            "/due_at",
            Box::new(|body| {
                body["starts_at"] = json!(Utc::now() + Duration::days(9));
            }),
        ),
        ("/due_at", Box::new(|body| body["due_at"] = json!("+262142-12-31T23:59:59Z"))),
        ("/due_at", Box::new(|body| body["due_at"] = json!("tomorrow"))),
        ("/lines", Box::new(|body| body["lines"] = json!([]))),
        ("/lines/0/quantity", Box::new(|body| body["lines"][0]["quantity"] = json!(0))),
        ("/lines/0/quantity", Box::new(|body| body["lines"][0]["quantity"] = json!(51))),
        ("/lines/0/quantity", Box::new(|body| body["lines"][0]["quantity"] = json!(9_000_000_000_000_000_000_u64))),
        ("/lines/0/quantity", Box::new(|body| body["lines"][0]["quantity"] = json!("two"))),
        ("/lines/0/model_id", Box::new(|body| body["lines"][0]["model_id"] = json!(Uuid::now_v7()))),
        ("/lines/0/equipment_id", Box::new(|body| body["lines"][0] = json!({"equipment_id": Uuid::now_v7()}))),
        ("/lines/0", Box::new(|body| body["lines"][0] = json!({}))),
        ("/priority", Box::new(|body| body["priority"] = json!(1))),
    ];
    for (field, change) in cases {
        let problem = refused_with(&lab, &model, change).await;
        assert_eq!(fields(&problem), [field], "{problem}");
    }
}

#[tokio::test]
async fn several_wrong_fields_are_named_at_once() {
    let lab = given::a_lab().await;

    let problem = refused(&lab, |body| {
        body["purpose"] = json!("");
        body["lines"] = json!([{"quantity": 0}, {"model_id": Uuid::now_v7(), "quantity": -1}]);
    })
    .await;

    assert_eq!(fields(&problem), ["/purpose", "/lines/0/quantity", "/lines/1/quantity"]);
}

#[tokio::test]
async fn only_members_who_may_request_submit_and_only_for_an_active_project() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let stranger = given::person(&lab.app, Role::Student).await;
    let observer = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &observer, MemberRole::Observer).await;
    let pending = given::pending_project(&lab.app, &lab.member).await;

    let body = given::requisition(lab.project, &model, 1);
    let path = "/v1/requisitions";
    lab.app.post(&stranger.token, path, &body).await.expect_problem(403, "not-a-member");
    lab.app.post(&lab.technician.token, path, &body).await.expect_problem(403, "not-a-member");
    lab.app.post(&observer.token, path, &body).await.expect_problem(403, "member-role-not-allowed");
    let body = given::requisition(pending, &model, 1);
    lab.app.post(&lab.member.token, path, &body).await.expect_problem(409, "project-not-active");

    assert_eq!(lab.app.count("requisitions").await, 0);
}

#[tokio::test]
async fn too_few_free_units_are_a_conflict_that_says_how_many_there_are() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;

    let body = given::requisition(lab.project, &model, 3);
    let problem = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect_problem(409, "no-free-unit");

    let detail = problem["detail"].as_str().unwrap();
    assert_eq!(detail, "3 of Oscilloscope 1 are wanted and 2 are free in this period");
    assert_eq!(lab.app.count("requisitions").await, 0);
}

#[tokio::test]
async fn of_many_parallel_requests_for_the_last_unit_one_wins() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let body = given::requisition(lab.project, &model, 1);

    let requests = (0..12).map(|_| lab.app.post(&lab.member.token, "/v1/requisitions", &body));
    let replies = futures_util::future::join_all(requests).await;

    let (won, lost): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 202);
    assert_eq!(won.len(), 1);
    for reply in lost {
        reply.expect_problem(409, "no-free-unit");
    }
    assert_eq!(lab.app.count("loans").await, 1);
}

#[tokio::test]
async fn a_named_unit_is_kept_from_the_line_that_would_take_any() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;
    let mut body = given::requisition(lab.project, &model, 1);
    body["lines"] = json!([{"model_id": model.id}, {"equipment_id": model.units[0]}]);

    let submitted = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);

    let of_line = |position: usize| {
        let loans = submitted["loans"].as_array().unwrap();
        loans.iter().find(|loan| loan["line_id"] == submitted["lines"][position]["id"]).unwrap()["equipment_id"].clone()
    };
    assert_eq!((of_line(0), of_line(1)), (json!(model.units[1]), json!(model.units[0])));
}
