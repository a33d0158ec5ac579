//! Who sets the rules gains nothing by them: an admin's own wishes, edits by somebody of another role, and a model's rule.

use super::{
    app::{Reply, request},
    given::{self, Lab, Model, Person, id_of},
};
use axum::http::{Method, header};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

/// A lab whose admin borrows for a project of their own, which a technician let begin.
struct AdminBorrows {
    lab: Lab,
    project: uuid::Uuid,
    model: Model,
}

impl AdminBorrows {
    async fn new() -> Self {
        let lab = given::a_lab().await;
        let project = given::active_project(&lab.app, &lab.admin, &lab.technician).await;
        let model = given::free_model(&lab.app, 9, &lab.admin).await;
        Self { lab, project, model }
    }

    async fn submit(&self, who: &Person) -> Value {
        let body = given::requisition(self.project, &self.model, 1);
        self.lab.app.post(&who.token, "/v1/requisitions", &body).await.expect(202)
    }

    async fn approve(&self, who: &Person, requisition: &Value) -> Reply {
        self.lab.app.post(&who.token, &format!("/v1/requisitions/{}/approve", id_of(requisition)), &json!({})).await
    }

    async fn edit(&self, who: &Person, requisition: &Value, body: Value) -> Value {
        let path = format!("/v1/requisitions/{}", id_of(requisition));
        let request = request(Method::PATCH, &path, &who.token)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, "*");
        self.lab.app.send(request.body(body.to_string().into()).unwrap()).await.expect(200)
    }
}

#[tokio::test]
async fn what_an_admin_asks_for_needs_a_colleague_although_their_own_rule_says_nobody() {
    let admins = AdminBorrows::new().await;
    let lab = &admins.lab;
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &json!({"position": 1, "outcome": "none"})).await.expect(201);
    let body = given::requisition(admins.project, &admins.model, 1);
    let dry = lab.app.post(&lab.admin.token, "/v1/requisitions/dry-run", &body).await.expect(200);

    let asked = admins.submit(&lab.admin).await;

    for said in [&dry["approval_reason"], &asked["approval_reason"]] {
        assert!(said.as_str().unwrap().starts_with("own-rules: admins set the rules"), "{said}");
    }
    assert_eq!((&dry["approval"], &dry["waiting_for"]), (&json!("technician"), &json!("technician")));
    assert_eq!((&asked["waiting_for"], &asked["loans"]), (&json!("technician"), &json!([])));
    let told: Option<String> =
        sqlx::query_scalar("select message from notifications where event = 'approval_needed' and recipient_id = $1")
            .bind(lab.technician.id)
            .fetch_one(&lab.app.owner)
            .await
            .unwrap();
    assert!(told.unwrap().starts_with("own-rules"), "the technician is told why they are asked");
    admins.approve(&lab.admin, &asked).await.expect_problem(403, "own-requisition");
    assert_eq!(admins.approve(&lab.technician, &asked).await.expect(200)["status"], "approved");
}

#[tokio::test]
async fn an_edit_is_judged_by_the_stricter_of_whoever_asked_and_all_who_have_edited_it() {
    let admins = AdminBorrows::new().await;
    let (lab, model) = (&admins.lab, &admins.model);
    let student = given::person(&lab.app, Role::Student).await;
    given::add_member(&lab.app, admins.project, &lab.admin, &student, MemberRole::Member).await;
    let rule = json!({"position": 1, "more_than_units": 2, "outcome": "technician"});
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
    let wanted = |quantity: i64| json!({"lines": [{"model_id": model.id, "quantity": quantity}]});
    let submit_three = async || {
        let body = given::requisition(admins.project, model, 3);
        lab.app.post(&student.token, "/v1/requisitions", &body).await.expect(202)
    };

    let (by_student, by_admin) = (submit_three().await, submit_three().await);
    let straight = admins.edit(&student, &by_student, wanted(1)).await;
    assert_eq!((&straight["waiting_for"], straight["loans"].as_array().unwrap().len()), (&Value::Null, 1));
    let held = admins.edit(&lab.admin, &by_admin, wanted(1)).await;
    let still = admins.edit(&student, &by_admin, wanted(2)).await;

    for edited in [held, still] {
        assert_eq!((&edited["waiting_for"], &edited["loans"]), (&json!("technician"), &json!([])));
        let reason = edited["approval_reason"].as_str().unwrap();
        assert!(
            reason.starts_with("own-rules") && reason.ends_with("by the role of whoever has edited it"),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn an_admins_extension_is_decided_by_a_colleague_whatever_the_labs_numbers_are() {
    let admins = AdminBorrows::new().await;
    let lab = &admins.lab;
    let asked = admins.submit(&lab.admin).await;
    let lent = admins.approve(&lab.technician, &asked).await.expect(200);
    given::checked_out(lab, &lent).await;
    let loan = lent["loans"][0]["id"].as_str().unwrap();
    let more = json!({"due_at": Utc::now() + Duration::days(8)});

    let wish = lab.app.post(&lab.admin.token, &format!("/v1/loans/{loan}/extend"), &more).await.expect(200);

    assert!(!wish["loans"][0]["extension_asked"].is_null(), "{wish}");
    let why: String = sqlx::query_scalar("select reason from status_history where event = 'extension_asked'")
        .fetch_one(&lab.app.owner)
        .await
        .unwrap();
    assert!(why.starts_with("own-rules: "), "{why}");
    let grant = format!("/v1/loans/{loan}/extension/grant");
    lab.app.post(&lab.admin.token, &grant, &json!({})).await.expect_problem(403, "own-requisition");
    lab.app.post(&lab.technician.token, &grant, &json!({})).await.expect(200);
}

#[tokio::test]
async fn who_must_say_yes_to_a_model_is_set_by_admins_and_how_it_is_collected_by_technicians_too() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let path = format!("/v1/equipment-models/{}", model.id);
    let change = async |who: &Person, body: Value| lab.app.call(&who.token, Method::PATCH, &path, &body).await;

    for body in [json!({"approval": "none"}), json!({"approval": "none", "collection": "counter"})] {
        let refused = change(&lab.technician, body).await.expect_problem(403, "role-not-allowed");
        assert!(refused["detail"].as_str().unwrap().contains("admins change those"), "{refused}");
    }
    let shown = lab.app.get(&lab.technician.token, &path).await.expect(200);
    assert_eq!((&shown["approval"], &shown["collection"]), (&json!("technician"), &json!("straight_through")));
    let kept = change(&lab.technician, json!({"approval": "technician", "collection": "counter"})).await.expect(200);
    assert_eq!(kept["collection"], "counter", "what stays as it is needs no admin");
    assert_eq!(change(&lab.admin, json!({"approval": "none"})).await.expect(200)["approval"], "none");
}
