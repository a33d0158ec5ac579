//! From asking for a project to its end.

use super::{edit, letters, path};
use crate::api::{
    app::App,
    given::{self, Person, a_lab, id_of},
};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_project_is_submitted_to_the_technicians_and_its_activation_told_to_whoever_leads_it() {
    let lab = a_lab().await;
    let project = given::pending_project(&lab.app, &lab.member).await;
    assert_eq!(letters(&lab, &lab.technician.token).await[0], "project_submitted");

    let queued =
        format!("notifications where event = 'project_submitted' and status = 'queued' and subject_id = '{project}'");
    assert_eq!(lab.app.count(&queued).await, 1);

    let active = lab.app.post(&lab.technician.token, &path(project, "/activate"), &json!({})).await.expect(200);

    assert_eq!(active["status"], "active");
    assert_eq!(letters(&lab, &lab.member.token).await[0], "project_activated");
    assert_eq!(lab.app.count(&queued).await, 0, "whoever has not read yet that it waits need not");
    let again = lab.app.post(&lab.technician.token, &path(project, "/activate"), &json!({})).await;
    again.expect_problem(409, "project-not-pending");
}

#[tokio::test]
async fn a_rejection_needs_a_reason_is_told_with_it_and_is_the_end() {
    let lab = a_lab().await;
    let project = given::pending_project(&lab.app, &lab.member).await;
    let reject = async |body: Value| lab.app.post(&lab.technician.token, &path(project, "/reject"), &body).await;

    reject(json!({"reason": "  "})).await.expect_problem(422, "invalid-input");
    reject(json!({})).await.expect_problem(422, "invalid-input");
    assert_eq!(reject(json!({"reason": "The same group leads another."})).await.expect(200)["status"], "rejected");

    let told = lab.app.get(&lab.member.token, "/v1/notifications").await.expect(200);
    assert_eq!(told["items"][0]["event"], "project_rejected");
    assert_eq!(told["items"][0]["message"], "The same group leads another.");
    reject(json!({"reason": "Again."})).await.expect_problem(409, "project-not-pending");
    let activate = lab.app.post(&lab.technician.token, &path(project, "/activate"), &json!({})).await;
    activate.expect_problem(409, "project-not-pending");
    let renamed = edit(&lab, &lab.member.token, project, Some("*"), &json!({"name": "Again"})).await;
    renamed.expect_problem(409, "project-over");
}

#[tokio::test]
async fn what_is_over_keeps_its_page_its_members_and_its_readers() {
    let lab = a_lab().await;
    let done = lab.app.post(&lab.leader.token, &path(lab.project, "/complete"), &json!({})).await.expect(200);
    assert_eq!(done["status"], "completed");

    let member = path(lab.project, &format!("/members/{}", lab.member.id));
    let stranger = json!({"user_id": lab.admin.id, "role": "observer"});
    for reply in [
        edit(&lab, &lab.leader.token, lab.project, Some("*"), &json!({"name": "x"})).await,
        lab.app.post(&lab.leader.token, &path(lab.project, "/members"), &stranger).await,
        lab.app.post(&lab.leader.token, &format!("{member}/remove"), &json!({})).await,
        lab.app.post(&lab.member.token, &path(lab.project, "/leave"), &json!({})).await,
        lab.app.call(&lab.leader.token, axum::http::Method::PATCH, &member, &json!({"role": "leader"})).await,
    ] {
        reply.expect_problem(409, "project-over");
    }
    let archive = lab.app.post(&lab.technician.token, &path(lab.project, "/archive"), &json!({})).await;
    archive.expect_problem(409, "project-not-active");
    let model = given::model(&lab.app, 1).await;
    let requisition = given::requisition(lab.project, &model, 1);
    let refused = lab.app.post(&lab.member.token, "/v1/requisitions", &requisition).await;
    refused.expect_problem(409, "project-not-active");
    assert_eq!(lab.app.get(&lab.member.token, &path(lab.project, "")).await.expect(200)["status"], "completed");
}

#[tokio::test]
async fn an_archived_project_says_why() {
    let lab = a_lab().await;
    let body = json!({"reason": "The group gave up."});

    let archived = lab.app.post(&lab.technician.token, &path(lab.project, "/archive"), &body).await.expect(200);

    assert_eq!(archived["status"], "archived");
    let history = lab.app.get(&lab.member.token, &path(lab.project, "/history?limit=1")).await.expect(200);
    assert_eq!(history["items"][0]["reason"], "The group gave up.");
}

#[tokio::test]
async fn staff_and_professors_may_create_a_project_for_others_who_lead_it_then() {
    let lab = a_lab().await;
    let professor = given::person(&lab.app, Role::Professor).await;
    let by_id =
        json!({"name": "Rover", "leader": {"user_id": lab.member.id}, "supervisors": [{"user_id": professor.id}]});

    let of_staff = lab.app.post(&lab.technician.token, "/v1/projects", &by_id).await.expect(201);
    assert_eq!((&of_staff["status"], &of_staff["own_role"]), (&json!("active"), &json!(null)));
    assert_eq!(roles(&lab.app, &lab.technician, id_of(&of_staff)).await, ["leader", "supervisor"]);
    assert_eq!(letters(&lab, &lab.member.token).await[0], "member_added");
    assert_eq!(letters(&lab, &professor.token).await, ["member_added"]);

    let email = lab.app.get(&lab.member.token, "/v1/users/me").await.expect(200)["email"].clone();
    let by_email = json!({"name": "Arm", "leader": {"email": email}});
    let of_professor = lab.app.post(&professor.token, "/v1/projects", &by_email).await.expect(201);
    assert_eq!((&of_professor["status"], &of_professor["own_role"]), (&json!("pending"), &json!("supervisor")));

    let another = json!({"name": "Arm", "leader": {"user_id": lab.leader.id}});
    lab.app.post(&lab.member.token, "/v1/projects", &another).await.expect_problem(403, "role-not-allowed");
}

#[tokio::test]
async fn what_staff_lead_themselves_waits_for_somebody_else_who_alone_is_asked() {
    let lab = a_lab().await;
    let own = given::pending_project(&lab.app, &lab.technician).await;
    let asked = format!("notifications where event = 'project_submitted' and subject_id = '{own}'");
    assert_eq!(letters(&lab, &lab.admin.token).await, ["project_submitted"], "no technician may");
    assert_eq!(lab.app.count(&asked).await, 1);

    for step in ["/activate", "/reject"] {
        let body = if step == "/reject" { json!({"reason": "Not this year."}) } else { json!({}) };
        let refused = lab.app.post(&lab.technician.token, &path(own, step), &body).await;
        let detail = refused.expect_problem(403, "own-project")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("a technician or an admin can who neither asked for it nor leads it"), "{detail}");
    }
    let waits = lab.app.get(&lab.technician.token, &path(own, "")).await.expect(200);
    assert_eq!(waits["status"], "pending");
    let model = given::model(&lab.app, 1).await;
    let requisition = given::requisition(own, &model, 1);
    let early = lab.app.post(&lab.technician.token, "/v1/requisitions", &requisition).await;
    early.expect_problem(409, "project-not-active");

    let active = lab.app.post(&lab.admin.token, &path(own, "/activate"), &json!({})).await.expect(200);
    assert_eq!(active["status"], "active");
    assert_eq!(letters(&lab, &lab.technician.token).await[0], "project_activated");
}

#[tokio::test]
async fn nobody_lets_a_project_begin_that_they_lead_or_have_led() {
    let lab = a_lab().await;
    let project = given::pending_project(&lab.app, &lab.member).await;
    given::add_member(&lab.app, project, &lab.member, &lab.technician, MemberRole::Leader).await;
    let activate = async |by: &Person| lab.app.post(&by.token, &path(project, "/activate"), &json!({})).await;

    activate(&lab.technician).await.expect_problem(403, "conflict-of-interest");
    lab.app.post(&lab.technician.token, &path(project, "/leave"), &json!({})).await.expect(200);
    activate(&lab.technician).await.expect_problem(403, "conflict-of-interest");

    let colleague = given::person(&lab.app, Role::Technician).await;
    assert_eq!(activate(&colleague).await.expect(200)["status"], "active");
}

async fn roles(app: &App, by: &Person, project: Uuid) -> Vec<String> {
    let members = app.get(&by.token, &path(project, "/members")).await.expect(200);
    members.as_array().unwrap().iter().map(|member| member["role"].as_str().unwrap().to_owned()).collect()
}
