//! Deny by default, and the rules that say no for a reason of the moment; the table of permissions has its own test.

use super::{
    app::{App, Reply},
    given::{self, Lab, id_of},
};
use axum::http::Method;
use makerlab_shared::domain::user::Role;
use serde_json::{Value, json};

/// Every operation of the document: method, path, whether it is open to anybody.
async fn operations(app: &App) -> Vec<(Method, String, bool)> {
    let document = app.get("", "/openapi.json").await.expect(200);
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            let is_open = operation["security"].as_array().is_some_and(|rules| rules.contains(&json!({})));
            operations.push((method, path.replace("{id}", &uuid::Uuid::now_v7().to_string()), is_open));
        }
    }
    operations
}

#[tokio::test]
async fn without_a_token_every_address_but_the_open_ones_says_401() {
    let app = App::start().await;
    let operations = operations(&app).await;
    let open: Vec<_> = operations.iter().filter(|(_, _, is_open)| *is_open).map(|(_, path, _)| path.as_str()).collect();
    assert_eq!(open, ["/livez", "/problems", "/problems/{name}", "/readyz"]);

    for (method, path, _) in operations.iter().filter(|(_, _, is_open)| !is_open) {
        for token in ["", "garbage", "mlr_0123456789_0123456789012345678901234567890123456789012"] {
            let reply = app.call(token, method.clone(), path, &json!({})).await;
            assert_eq!(reply.headers["www-authenticate"], "Bearer", "{method} {path}");
            reply.expect_problem(401, "not-authenticated");
        }
    }
}

#[tokio::test]
async fn nobody_decides_their_own_requisition_and_nothing_is_decided_twice() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 2).await;
    let staff_member = given::person(&lab.app, Role::Technician).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &staff_member, member()).await;
    let body = given::requisition(lab.project, &model, 1);
    let own = lab.app.post(&staff_member.token, "/v1/requisitions", &body).await.expect(202);

    let decide = async |token: &str, word: &str| -> Reply {
        let path = format!("/v1/requisitions/{}/{word}", id_of(&own));
        lab.app.post(token, &path, &if word == "reject" { json!({"reason": "no"}) } else { json!({}) }).await
    };
    decide(&staff_member.token, "approve").await.expect_problem(403, "own-requisition");
    decide(&staff_member.token, "reject").await.expect_problem(403, "own-requisition");
    decide(&lab.technician.token, "approve").await.expect(200);
    decide(&lab.technician.token, "approve").await.expect_problem(409, "already-decided");
    decide(&lab.admin.token, "reject").await.expect_problem(409, "already-decided");
}

#[tokio::test]
async fn a_rejection_without_a_reason_is_refused() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let path = format!("/v1/requisitions/{}/reject", id_of(&given::submitted(&lab, &model).await));

    for body in [json!({}), json!({"reason": " "})] {
        lab.app.post(&lab.technician.token, &path, &body).await.expect_problem(422, "invalid-input");
    }
}

#[tokio::test]
async fn only_those_concerned_cancel_and_only_before_anything_was_sent() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 3, &lab.admin).await;
    let (stranger, fellow) =
        (given::person(&lab.app, Role::Student).await, given::person(&lab.app, Role::Student).await);
    given::add_member(&lab.app, lab.project, &lab.leader, &fellow, member()).await;
    let requisition = given::submitted(&lab, &model).await;

    cancel(&lab, &stranger.token, &requisition).await.expect_problem(404, "not-found");
    cancel(&lab, &fellow.token, &requisition).await.expect_problem(403, "member-role-not-allowed");
    given::checked_out(&lab, &requisition).await;
    cancel(&lab, &lab.member.token, &requisition).await.expect_problem(409, "not-cancellable");
    let other = given::submitted(&lab, &model).await;
    cancel(&lab, &lab.leader.token, &other).await.expect(200);
    cancel(&lab, &lab.leader.token, &other).await.expect_problem(409, "not-cancellable");
}

#[tokio::test]
async fn what_is_not_lent_cannot_be_returned_and_strangers_return_nothing() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(&lab, &model).await;
    let path = format!("/v1/loans/{}/return", id_of(&requisition["loans"][0]));
    let stranger = given::person(&lab.app, Role::Student).await;

    lab.app.post(&lab.member.token, &path, &json!({})).await.expect_problem(409, "not-lent");
    given::checked_out(&lab, &requisition).await;
    lab.app.post(&stranger.token, &path, &json!({})).await.expect_problem(404, "not-found");
    lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(202);
}

async fn cancel(lab: &Lab, token: &str, requisition: &Value) -> Reply {
    lab.app.post(token, &format!("/v1/requisitions/{}/cancel", id_of(requisition)), &json!({})).await
}

fn member() -> makerlab_shared::domain::project::MemberRole {
    makerlab_shared::domain::project::MemberRole::Member
}
