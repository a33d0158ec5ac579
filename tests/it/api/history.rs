//! What happened to a loan, to a unit, to and by a person, for those who may know.

mod of_people;

use super::{
    app::App,
    findings::operation_with_person,
    given::{self, Person, a_lab, id_of},
};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{id::UserId, project::MemberRole, user::Role};
use makerlab_tests::floor::Floor;
use serde_json::{Value, json};
use uuid::Uuid;

/// All pages of a story, three rows each, the newest first.
async fn story(app: &App, token: &str, path: &str) -> Vec<Value> {
    let mut events = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(token, &format!("{path}?limit=3{cursor}")).await.expect(200);
        events.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { return events };
        cursor = format!("&cursor={next}");
    }
}

/// Entity, event, how it moved and whose doing it was.
fn told(events: &[Value]) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |event: &Value| {
        let fields = ["entity", "event", "from_status", "to_status"].map(|field| word(&event[field]));
        format!("{} by {}", fields.join(" "), word(&event["actor"]["kind"]))
    };
    events.iter().map(line).collect()
}

async fn member_of_floor(app: &App, user: UserId) -> Person {
    Person { id: user.0, token: given::token(app, user, Utc::now() + Duration::days(1)).await }
}

#[tokio::test]
async fn a_loan_tells_its_way_out_and_back_with_who_did_what_page_by_page() {
    let floor = Floor::new().await;
    let app = App::beside(&floor);
    let student = member_of_floor(&app, floor.people.student.id).await;
    let asked = floor.given_checked_out().await;
    let other = floor.given_checked_out().await;
    floor.given_return_requested(asked).await;
    floor.work_until("the unit is back", async |floor: &Floor| floor.loan_status(asked.loan).await == "returned").await;

    let events = story(&app, &student.token, &format!("/v1/loans/{}/history", asked.loan)).await;

    assert_eq!(
        told(&events),
        [
            "operation confirmed_by_snipeit sent applied by snipeit",
            "loan confirmed_by_snipeit checked_out returned by snipeit",
            "operation sent waiting sent by system",
            "operation return_requested - waiting by user",
            "loan return_requested checked_out checked_out by user",
            "operation confirmed_by_snipeit sent applied by snipeit",
            "loan confirmed_by_snipeit promised checked_out by snipeit",
            "operation sent waiting sent by system",
            "operation submitted - waiting by user",
            "loan submitted - promised by user",
        ]
    );
    assert_eq!(events[3]["actor"]["id"], json!(student.id));
    assert!(events.iter().all(|event| event["requisition_id"] == json!(asked.requisition)));
    assert!(!events.iter().any(|event| event["entity_id"] == json!(other.loan)));
}

#[tokio::test]
async fn a_unit_tells_all_its_loans_and_the_findings_about_them_and_nothing_of_other_units() {
    let lab = a_lab().await;
    let (requisition, finding) = operation_with_person(&lab).await;
    let settle = json!({"resolution": "did_not_happen", "note": "It lies on the shelf"});
    lab.app.post(&lab.technician.token, &format!("/v1/findings/{finding}/settle"), &settle).await.expect(200);
    let unit = requisition["loans"][0]["equipment_id"].as_str().unwrap();
    let model = requisition["lines"][0]["model_id"].as_str().unwrap();
    let again = json!({
        "project_id": lab.project,
        "purpose": "Once more",
        "due_at": Utc::now() + Duration::days(7),
        "lines": [{"model_id": model, "quantity": 1}],
    });
    let again = lab.app.post(&lab.member.token, "/v1/requisitions", &again).await.expect(202);
    given::submitted(&lab, &given::free_model(&lab.app, 1, &lab.admin).await).await;

    let events = story(&lab.app, &lab.technician.token, &format!("/v1/equipment/{unit}/history")).await;

    let subjects: Vec<_> = events.iter().map(|event| (event["entity"].clone(), event["entity_id"].clone())).collect();
    for (entity, of) in [("loan", &requisition["loans"][0]), ("loan", &again["loans"][0])] {
        assert!(subjects.contains(&(json!(entity), of["id"].clone())), "{subjects:?}");
    }
    assert!(subjects.contains(&(json!("operation"), requisition["operations"][0]["id"].clone())), "{subjects:?}");
    let settled = events.iter().find(|event| event["entity_id"] == json!(finding)).expect("the finding");
    assert_eq!((&settled["to_status"], &settled["reason"]), (&json!("did_not_happen"), &json!("It lies on the shelf")));
    let requisitions = [id_of(&requisition), id_of(&again)].map(|id| json!(id));
    assert!(events.iter().all(|event| requisitions.contains(&event["requisition_id"])), "{events:#?}");
}

#[tokio::test]
async fn a_person_reads_what_they_did_and_what_others_did_to_what_is_theirs() {
    let lab = a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let requisition = given::submitted(&lab, &model).await;
    let reject = format!("/v1/requisitions/{}/reject", id_of(&requisition));
    lab.app.post(&lab.technician.token, &reject, &json!({"reason": "Being repaired"})).await.expect(200);

    let of_member = story(&lab.app, &lab.member.token, &format!("/v1/users/{}/history", lab.member.id)).await;
    let of_technician =
        story(&lab.app, &lab.technician.token, &format!("/v1/users/{}/history", lab.technician.id)).await;

    assert_eq!(
        told(&of_member),
        [
            "line rejected pending rejected by user",
            "requisition rejected pending rejected by user",
            "requisition submitted - pending by user",
            "project_member added - member by user",
            "token issued - issued by system",
            "user created - student by system",
        ]
    );
    assert_eq!(of_member[0]["actor"]["id"], json!(lab.technician.id));
    assert_eq!(of_member[0]["reason"], "Being repaired");
    assert_eq!(
        told(&of_technician),
        [
            "line rejected pending rejected by user",
            "requisition rejected pending rejected by user",
            "project activated pending active by user",
            "token issued - issued by system",
            "user created - technician by system",
        ]
    );
}

#[tokio::test]
async fn stories_are_told_to_those_who_see_the_thing_and_hold_no_names() {
    let lab = a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(&lab, &model).await;
    let loan = format!("/v1/loans/{}/history", id_of(&requisition["loans"][0]));
    let unit = format!("/v1/equipment/{}/history", model.units[0]);
    let person = format!("/v1/users/{}/history", lab.member.id);
    let (observer, stranger) =
        (given::person(&lab.app, Role::Professor).await, given::person(&lab.app, Role::Student).await);
    given::add_member(&lab.app, lab.project, &lab.leader, &observer, MemberRole::Observer).await;

    for (path, who) in [(&loan, &observer), (&loan, &lab.member), (&unit, &lab.technician), (&person, &lab.member)] {
        let shown = lab.app.get(&who.token, path).await.expect(200).to_string();
        assert!(!shown.contains("Ana Silva") && !shown.contains("lab.example"), "{path}: {shown}");
    }
    lab.app.get(&stranger.token, &loan).await.expect_problem(404, "not-found");
    lab.app.get(&stranger.token, &person).await.expect_problem(404, "not-found");
    lab.app.get(&lab.leader.token, &person).await.expect_problem(404, "not-found");
    lab.app.get(&lab.member.token, &unit).await.expect_problem(403, "role-not-allowed");
    for path in ["loans", "equipment", "users"] {
        let unknown = format!("/v1/{path}/{}/history", Uuid::now_v7());
        lab.app.get(&lab.technician.token, &unknown).await.expect_problem(404, "not-found");
    }
}
