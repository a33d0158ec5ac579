//! What a person's story has beside requisitions and loans: who came in as them, what they waited for, and what was done in
//! their place.

use super::{story, told};
use crate::api::{
    app::App,
    given::{self, Person, a_lab, id_of},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use makerlab_shared::domain::{id::JobId, project::MemberRole, user::Role};
use makerlab_tests::floor::Floor;
use serde_json::{Value, json};
use uuid::Uuid;

async fn story_of(app: &App, person: &Person) -> Vec<Value> {
    story(app, &person.token, &format!("/v1/users/{}/history", person.id)).await
}

#[tokio::test]
async fn a_token_is_told_to_its_owner_with_who_issued_and_who_revoked_it_and_never_with_its_secret() {
    let lab = a_lab().await;
    let body = json!({"user_id": lab.member.id, "label": "kiosk", "days": 1});
    let issued = lab.app.post_with_key(&lab.admin.token, "/v1/tokens", "k1", &body).await.expect(201);
    lab.app.post_with_key(&lab.admin.token, "/v1/tokens", "k1", &body).await.expect(201);
    let path = format!("/v1/tokens/{}", issued["id"].as_str().unwrap());
    for _ in 0..2 {
        lab.app.call(&lab.member.token, Method::DELETE, &path, &json!({})).await.expect(204);
    }

    let of_owner = story_of(&lab.app, &lab.member).await;
    let of_admin = story_of(&lab.app, &lab.admin).await;

    assert_eq!(told(&of_owner[..2]), ["token revoked issued revoked by user", "token issued - issued by user"]);
    assert_eq!(
        told(&of_owner).iter().filter(|line| line.starts_with("token")).count(),
        3,
        "once each, and their first"
    );
    assert_eq!(of_owner[0]["actor"]["id"], json!(lab.member.id));
    assert_eq!((&of_owner[1]["actor"]["id"], &of_owner[1]["reason"]), (&json!(lab.admin.id), &json!("kiosk")));
    assert!(of_owner[..2].iter().all(|row| row["entity_id"] == issued["id"]));
    assert_eq!(of_admin[0], of_owner[1], "what they did");
    let everything: String = sqlx::query_scalar("select string_agg(h::text, '') from status_history h")
        .fetch_one(&lab.app.owner)
        .await
        .unwrap();
    let (token, prefix) = (issued["token"].as_str().unwrap(), issued["prefix"].as_str().unwrap());
    let secret = token.strip_prefix(prefix).expect("a token begins with its prefix");
    assert!(!everything.contains(secret));
}

#[tokio::test]
async fn a_person_reads_how_they_waited_and_what_was_kept_for_them() {
    let floor = Floor::new().await;
    let lab = given::a_lab_of(App::beside(&floor)).await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let body = given::requisition(lab.project, &model, 1);
    let promised = lab.app.post(&lab.leader.token, "/v1/requisitions", &body).await.expect(202);
    let place = json!({"project_id": lab.project, "model_id": model.id, "due_at": Utc::now() + Duration::days(9)});
    let entry = lab.app.post(&lab.member.token, "/v1/waiting-list", &place).await.expect(201);
    let cancel = format!("/v1/requisitions/{}/cancel", id_of(&promised));
    lab.app.post(&lab.leader.token, &cancel, &json!({})).await.expect(200);
    let open = "select id from jobs where kind = 'serve_waiting_list' and state = 'open' order by id";
    for job in sqlx::query_scalar(open).fetch_all(&lab.app.owner).await.unwrap() {
        floor.ring_now(JobId(job)).await;
    }
    let leave = format!("/v1/waiting-list/{}/leave", id_of(&entry));
    lab.app.post(&lab.technician.token, &leave, &json!({})).await.expect(200);

    let events = story_of(&lab.app, &lab.member).await;

    let waited = [
        "waiting_entry left held left by user",
        "waiting_entry hold_granted waiting held by system",
        "waiting_entry joined - waiting by user",
    ];
    assert_eq!(told(&events[..3]), waited);
    assert_eq!(events[0]["actor"]["id"], json!(lab.technician.id));
    assert!(events[..3].iter().all(|row| row["entity_id"] == entry["id"]));
}

#[tokio::test]
async fn whoever_was_away_reads_what_was_decided_in_their_place() {
    let lab = a_lab().await;
    let model = given::model(&lab.app, 1).await;
    let [absent, deputy] =
        [given::person(&lab.app, Role::Professor).await, given::person(&lab.app, Role::Professor).await];
    given::add_member(&lab.app, lab.project, &lab.leader, &absent, MemberRole::Supervisor).await;
    let rule = json!({"position": 1, "outcome": "supervisor_then_technician"});
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
    let name = json!({"user_id": deputy.id, "until": Utc::now() + Duration::days(7)});
    lab.app.call(&absent.token, Method::PUT, "/v1/users/me/deputy", &name).await.expect(200);
    let asked: Uuid = id_of(&given::submitted(&lab, &model).await);
    lab.app.post(&deputy.token, &format!("/v1/requisitions/{asked}/endorse"), &json!({})).await.expect(200);

    let of_absent = story_of(&lab.app, &absent).await;

    assert_eq!((&of_absent[0]["event"], &of_absent[0]["requisition_id"]), (&json!("endorsed"), &json!(asked)));
    assert_eq!(of_absent[0]["actor"]["id"], json!(deputy.id));
    assert_eq!(of_absent[0]["on_behalf_of"], json!(absent.id));
    assert_eq!(story_of(&lab.app, &deputy).await[0], of_absent[0]);
}
