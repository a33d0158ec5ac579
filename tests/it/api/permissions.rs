//! The table of permissions against the router: every endpoint, with every role, in every place, in every state.

mod ground;
mod request;

use super::app::Reply;
use ground::{Ground, Somebody};
use makerlab_shared::domain::{
    finding::FindingState,
    notification::NotificationStatus,
    permission::{Denied, Own, Permission, Subject, While},
    project::ProjectStatus,
    requisition::{LineStatus, LoanStatus, RequisitionStatus},
    user::Role,
    waiting_list::WaitingStatus,
};
use request::{Asked, ask};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn every_endpoint_but_the_open_ones_is_one_permission_and_every_permission_is_one_endpoint() {
    let ground = Ground::prepare().await;
    let document = ground.app.get("", "/openapi.json").await.expect(200);
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let closed = operations.filter(|operation| !is_open(operation));

    let named: Vec<_> = closed.map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect();

    let once: BTreeSet<_> = named.iter().cloned().collect();
    assert_eq!(once.len(), named.len(), "an operation id stands twice");
    assert_eq!(once, Permission::ALL.iter().map(|permission| permission.as_str().to_owned()).collect());
}

fn is_open(operation: &Value) -> bool {
    operation["security"].as_array().is_some_and(|rules| rules.contains(&json!({})))
}

#[tokio::test]
async fn every_endpoint_does_for_every_role_in_every_place_what_the_table_says() {
    let ground = Ground::prepare().await;
    for &permission in Permission::ALL {
        for somebody in &ground.people {
            let owning: &[bool] = if permission.rule().own == Own::Indifferent { &[false] } else { &[false, true] };
            for &owns in owning {
                if owns && request::is_always_own(permission) || !owns && request::is_never_foreign(permission) {
                    continue;
                }
                compare(&ground, permission, somebody, owns).await;
            }
        }
    }
}

async fn compare(ground: &Ground, permission: Permission, somebody: &Somebody, owns: bool) {
    let place = somebody.place(owns);
    let asked = ask(ground, permission, somebody, owns).await;
    let reply = asked.send(ground, &somebody.token).await;
    let told = format!("{permission} by {place:?}: {} {}", reply.status, reply.json);
    match (permission.check(place), permission.rule().subject) {
        (expected, Subject::Rows) => {
            let shown = reply.status.is_success() && shows(&reply, &asked);
            assert_eq!(shown, expected.is_ok(), "{told}");
        }
        (Ok(()), _) => assert!(reply.status.is_success(), "{told}"),
        (Err(denied), _) => {
            let kind = reply.json["type"].as_str().unwrap_or_default().to_owned();
            assert!(problems_for(permission, denied).contains(&kind.as_str()), "{told}");
        }
    }
}

fn problems_for(permission: Permission, denied: Denied) -> &'static [&'static str] {
    match (permission, denied) {
        // The body names the project; whoever knows its id is told whom to ask.
        (
            Permission::SubmitRequisition | Permission::DryRunRequisition | Permission::JoinWaitingList,
            Denied::Hidden | Denied::Role,
        ) => &["/problems/not-a-member"],
        (_, Denied::Hidden) => &["/problems/not-found"],
        (_, Denied::Role) => &["/problems/role-not-allowed"],
        (_, Denied::MemberRole) => &["/problems/member-role-not-allowed"],
        (Permission::ActivateProject | Permission::RejectProject, Denied::Own) => &["/problems/own-project"],
        (_, Denied::Own) => &["/problems/own-requisition"],
        (_, Denied::Conflict) => &["/problems/conflict-of-interest"],
    }
}

fn shows(reply: &Reply, asked: &Asked) -> bool {
    let rows = reply.json["items"].as_array().or_else(|| reply.json.as_array()).expect("rows");
    let wanted = json!(asked.row.expect("a row to look for"));
    rows.iter().any(|row| row["id"] == wanted)
}

#[tokio::test]
async fn every_endpoint_works_in_the_states_of_the_table_and_is_a_conflict_in_all_others() {
    let ground = Ground::prepare().await;
    for &permission in Permission::ALL {
        let rule = permission.rule();
        let states: Vec<(&str, bool)> = match rule.allowed_while {
            While::Always => continue,
            While::Project(_) => states(ProjectStatus::ALL, |s| (s.as_str(), rule.allowed_while.allows_project(s))),
            While::Requisition(_) => {
                states(RequisitionStatus::ALL, |s| (s.as_str(), rule.allowed_while.allows_requisition(s)))
            }
            While::Line(_) => states(LineStatus::ALL, |s| (s.as_str(), rule.allowed_while.allows_line(s))),
            While::Loan(_) => states(LoanStatus::ALL, |s| (s.as_str(), rule.allowed_while.allows_loan(s))),
            While::Letter(_) => states(NotificationStatus::ALL, |s| (s.as_str(), rule.allowed_while.allows_letter(s))),
            While::WaitingEntry(_) => {
                states(WaitingStatus::ALL, |s| (s.as_str(), rule.allowed_while.allows_waiting_entry(s)))
            }
            While::Finding(_) => states(FindingState::ALL, |s| (s.as_str(), rule.allowed_while.allows_finding(s))),
        };
        let somebody = ground.somebody_who_may(permission);
        for (state, allowed) in states {
            let asked = ask(&ground, permission, somebody, false).await;
            ground.set_state(rule.allowed_while, asked.subject, state).await;
            let reply = asked.send(&ground, &somebody.token).await;
            let told = format!("{permission} while {state}: {} {}", reply.status, reply.json);
            assert_eq!(reply.status.is_success(), allowed, "{told}");
            assert!(allowed || reply.status.as_u16() == 409, "{told}");
        }
    }
}

fn states<S: Copy>(all: &[S], row: impl Fn(S) -> (&'static str, bool)) -> Vec<(&'static str, bool)> {
    all.iter().map(|&state| row(state)).collect()
}

#[tokio::test]
async fn whoever_left_the_project_still_sees_and_returns_what_they_borrowed() {
    let ground = Ground::prepare().await;
    let stranger = ground.people.iter().find(|one| one.role == Role::Student && one.member.is_none()).unwrap();
    for permission in [Permission::ReadRequisition, Permission::ReturnLoan] {
        let reply = ask(&ground, permission, stranger, true).await.send(&ground, &stranger.token).await;
        assert!(reply.status.is_success(), "{permission}: {}", reply.json);
    }
}
