//! Who is in a project, as what, and that somebody always leads it.

use super::{letters, path};
use crate::api::{
    app::Reply,
    given::{self, Lab, Person, a_lab},
};
use axum::http::Method;
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

async fn give_role(lab: &Lab, by: &Person, who: &Person, role: &str) -> Reply {
    let member = path(lab.project, &format!("/members/{}", who.id));
    lab.app.call(&by.token, Method::PATCH, &member, &json!({"role": role})).await
}

async fn remove(lab: &Lab, by: &Person, who: &Person, body: &Value) -> Reply {
    lab.app.post(&by.token, &path(lab.project, &format!("/members/{}/remove", who.id)), body).await
}

async fn leave(lab: &Lab, who: &Person) -> Reply {
    lab.app.post(&who.token, &path(lab.project, "/leave"), &json!({})).await
}

#[tokio::test]
async fn a_leader_gives_members_other_roles_and_the_same_once_more_changes_nothing() {
    let lab = a_lab().await;

    let observer = give_role(&lab, &lab.leader, &lab.member, "observer").await.expect(200);
    assert_eq!((&observer["user_id"], &observer["role"]), (&json!(lab.member.id), &json!("observer")));
    let rows = lab.app.count("status_history").await;
    give_role(&lab, &lab.leader, &lab.member, "observer").await.expect(200);
    assert_eq!(lab.app.count("status_history").await, rows);

    give_role(&lab, &lab.member, &lab.leader, "observer").await.expect_problem(403, "member-role-not-allowed");
    give_role(&lab, &lab.leader, &lab.admin, "observer").await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn the_last_leader_neither_leaves_nor_is_removed_nor_becomes_something_else() {
    let lab = a_lab().await;

    leave(&lab, &lab.leader).await.expect_problem(409, "last-leader");
    remove(&lab, &lab.technician, &lab.leader, &json!({})).await.expect_problem(409, "last-leader");
    give_role(&lab, &lab.technician, &lab.leader, "member").await.expect_problem(409, "last-leader");

    give_role(&lab, &lab.leader, &lab.member, "leader").await.expect(200);
    leave(&lab, &lab.leader).await.expect(200);
    leave(&lab, &lab.member).await.expect_problem(409, "last-leader");
}

#[tokio::test]
async fn of_two_leaders_who_go_at_once_one_stays() {
    for round in 0..8 {
        let lab = a_lab().await;
        give_role(&lab, &lab.leader, &lab.member, "leader").await.expect(200);

        let (first, second) = match round % 3 {
            0 => tokio::join!(leave(&lab, &lab.leader), leave(&lab, &lab.member)),
            1 => {
                let nothing = json!({});
                tokio::join!(leave(&lab, &lab.leader), remove(&lab, &lab.technician, &lab.member, &nothing))
            }
            _ => tokio::join!(leave(&lab, &lab.leader), give_role(&lab, &lab.technician, &lab.member, "observer")),
        };

        let (gone, stays): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(|reply| reply.status == 200);
        assert_eq!(gone.len(), 1, "round {round}");
        stays.into_iter().for_each(|reply| drop(reply.expect_problem(409, "last-leader")));
        assert_eq!(lab.app.count("project_members where role = 'leader'").await, 1);
    }
}

#[tokio::test]
async fn whoever_gets_another_role_from_somebody_else_is_told_once_and_nobody_by_their_own_doing() {
    let lab = a_lab().await;

    give_role(&lab, &lab.leader, &lab.member, "leader").await.expect(200);
    give_role(&lab, &lab.leader, &lab.member, "leader").await.expect(200);
    give_role(&lab, &lab.member, &lab.member, "observer").await.expect(200);

    let told = letters(&lab, &lab.member.token).await;
    assert_eq!(told, ["member_role_changed", "member_added"]);
    assert!(!letters(&lab, &lab.leader.token).await.contains(&"member_role_changed".to_owned()));
}

#[tokio::test]
async fn whoever_is_removed_is_told_why_sees_the_project_no_more_and_may_be_added_again() {
    let lab = a_lab().await;
    let reason = json!({"reason": "Changed to another group."});

    remove(&lab, &lab.leader, &lab.member, &reason).await.expect(200);

    let told = lab.app.get(&lab.member.token, "/v1/notifications").await.expect(200);
    assert_eq!(told["items"][0]["event"], "member_removed");
    assert_eq!(told["items"][0]["message"], "Changed to another group.");
    assert_eq!(told["items"][0]["project_id"], json!(lab.project));
    lab.app.get(&lab.member.token, &path(lab.project, "")).await.expect_problem(404, "not-found");
    let listed = lab.app.get(&lab.member.token, "/v1/projects").await.expect(200);
    assert_eq!(listed["items"], json!([]));
    let members = lab.app.get(&lab.leader.token, &path(lab.project, "/members")).await.expect(200);
    assert_eq!(members.as_array().unwrap().len(), 1);
    remove(&lab, &lab.leader, &lab.member, &reason).await.expect_problem(404, "not-found");
    let model = given::model(&lab.app, 1).await;
    let requisition = given::requisition(lab.project, &model, 1);
    let refused = lab.app.post(&lab.member.token, "/v1/requisitions", &requisition).await;
    refused.expect_problem(403, "not-a-member");

    given::add_member(&lab.app, lab.project, &lab.leader, &lab.member, MemberRole::Observer).await;
    let project = lab.app.get(&lab.member.token, &path(lab.project, "")).await.expect(200);
    assert_eq!(project["own_role"], "observer");
    assert_eq!(lab.app.count("memberships").await, 2);
}

#[tokio::test]
async fn whoever_left_sees_and_returns_what_they_borrowed() {
    let lab = a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(&lab, &model).await;
    given::checked_out(&lab, &requisition).await;

    leave(&lab, &lab.member).await.expect(200);

    let loan = requisition["loans"][0]["id"].as_str().unwrap();
    let loans = lab.app.get(&lab.member.token, "/v1/loans").await.expect(200);
    assert_eq!(loans["items"][0]["id"], loan);
    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({})).await.expect(202);
}

#[tokio::test]
async fn professors_and_staff_supervise_and_students_do_not() {
    let lab = a_lab().await;
    let professor = given::person(&lab.app, Role::Professor).await;

    given::add_member(&lab.app, lab.project, &lab.leader, &professor, MemberRole::Supervisor).await;
    let project = lab.app.get(&professor.token, &path(lab.project, "")).await.expect(200);
    assert_eq!(project["supervisors"][0]["user_id"], json!(professor.id));
    assert_eq!(letters(&lab, &professor.token).await, ["member_added"]);

    let student = given::person(&lab.app, Role::Student).await;
    let add = json!({"user_id": student.id, "role": "supervisor"});
    let added = lab.app.post(&lab.leader.token, &path(lab.project, "/members"), &add).await;
    added.expect_problem(409, "cannot-supervise");
    give_role(&lab, &lab.leader, &lab.member, "supervisor").await.expect_problem(409, "cannot-supervise");
    let create = json!({"name": "Rover", "supervisors": [{"user_id": student.id}]});
    lab.app.post(&lab.leader.token, "/v1/projects", &create).await.expect_problem(409, "cannot-supervise");
}

#[tokio::test]
async fn leaders_do_not_send_their_supervisor_away_who_may_leave_and_whom_staff_may_release() {
    let lab = a_lab().await;
    let (first, second) =
        (given::person(&lab.app, Role::Professor).await, given::person(&lab.app, Role::Professor).await);
    for professor in [&first, &second] {
        given::add_member(&lab.app, lab.project, &lab.leader, professor, MemberRole::Supervisor).await;
    }
    let rows = lab.app.count("status_history").await;

    give_role(&lab, &lab.leader, &first, "observer").await.expect_problem(409, "supervisor-stays");
    remove(&lab, &lab.leader, &first, &json!({})).await.expect_problem(409, "supervisor-stays");
    assert_eq!(lab.app.count("status_history").await, rows);

    leave(&lab, &first).await.expect(200);
    give_role(&lab, &lab.technician, &second, "observer").await.expect(200);
    remove(&lab, &lab.leader, &second, &json!({})).await.expect(200);
}

#[tokio::test]
async fn nobody_is_a_member_twice_not_even_by_two_requests_at_once() {
    let lab = a_lab().await;
    let student = given::person(&lab.app, Role::Student).await;
    let body = json!({"user_id": student.id, "role": "member"});
    let members = path(lab.project, "/members");
    let add = || lab.app.post(&lab.leader.token, &members, &body);

    let (first, second) = tokio::join!(add(), add());

    let (added, refused): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(|reply| reply.status == 201);
    assert_eq!(added.len(), 1);
    refused.into_iter().for_each(|reply| drop(reply.expect_problem(409, "already-a-member")));
    assert_eq!(letters(&lab, &student.token).await, ["member_added"]);
}
