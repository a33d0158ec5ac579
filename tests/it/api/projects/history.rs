//! What happened in a project, for those who may see it.

use super::{edit, path};
use crate::api::given::{self, a_lab, id_of};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

/// Entity, event and how it moved.
fn told(events: &[Value]) -> Vec<String> {
    let word = |event: &Value, field: &str| event[field].as_str().unwrap_or("-").to_owned();
    let fields = ["entity", "event", "from_status", "to_status"];
    events.iter().map(|event| fields.map(|field| word(event, field)).join(" ")).collect()
}

#[tokio::test]
async fn the_whole_story_of_a_project_is_read_from_its_end_page_by_page() {
    let lab = a_lab().await;
    let model = given::model(&lab.app, 1).await;
    edit(&lab, &lab.leader.token, lab.project, Some("*"), &json!({"name": "Rover", "course": "Robotics"}))
        .await
        .expect(200);
    let requisition = given::submitted(&lab, &model).await;
    let reject = format!("/v1/requisitions/{}/reject", id_of(&requisition));
    lab.app.post(&lab.technician.token, &reject, &json!({"reason": "Being repaired"})).await.expect(200);
    lab.app.post(&lab.member.token, &path(lab.project, "/leave"), &json!({})).await.expect(200);
    given::add_member(&lab.app, lab.project, &lab.leader, &lab.member, MemberRole::Observer).await;
    lab.app.post(&lab.technician.token, &path(lab.project, "/complete"), &json!({})).await.expect(200);

    let mut events = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = path(lab.project, &format!("/history?limit=3{cursor}"));
        let page = lab.app.get(&lab.member.token, &page).await.expect(200);
        events.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }

    assert_eq!(
        told(&events),
        [
            "project completed active completed",
            "project_member added - observer",
            "project_member left member former",
            "line rejected pending rejected",
            "requisition rejected pending rejected",
            "requisition submitted - pending",
            "project edited active active",
            "project_member added - member",
            "project activated pending active",
            "project_member created - leader",
            "project created - pending",
        ]
    );
    let find = |event: &str| events.iter().find(|one| one["event"] == event).unwrap();
    assert_eq!(find("edited")["reason"], "name, course");
    let changes = json!([
        {"field": "course", "before": "", "after": "Robotics"},
        {"field": "name", "before": "Line follower", "after": "Rover"},
    ]);
    assert_eq!(find("edited")["changes"], changes);
    assert_eq!(find("activated")["changes"], json!([]));
    assert_eq!(find("edited")["actor_name"], "Ana Silva");
    assert_eq!(find("left")["member_name"], "Ana Silva");
    assert_eq!(find("submitted")["requisition_number"], requisition["number"]);
    assert_eq!(find("rejected")["reason"], "Being repaired");
}

#[tokio::test]
async fn the_story_is_for_those_who_see_the_project_and_of_no_other_project() {
    let lab = a_lab().await;
    given::pending_project(&lab.app, &lab.member).await;
    let stranger = given::person(&lab.app, Role::Student).await;

    lab.app.get(&stranger.token, &path(lab.project, "/history")).await.expect_problem(404, "not-found");
    let observer = given::person(&lab.app, Role::Professor).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &observer, MemberRole::Observer).await;
    let history = lab.app.get(&observer.token, &path(lab.project, "/history")).await.expect(200);

    let of_projects = history["items"].as_array().unwrap().iter().filter(|event| event["entity"] == "project");
    assert!(
        of_projects.clone().count() == 2 && of_projects.clone().all(|event| event["entity_id"] == json!(lab.project))
    );
}
