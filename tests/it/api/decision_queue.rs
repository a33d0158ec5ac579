//! The queue of those who decide: what waits for them, by when it is needed.

use super::given::{self, Lab, Model, Person, id_of};
use chrono::{Duration, Utc};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

async fn submit(lab: &Lab, who: &Person, model: &Model, in_days: i64) -> Value {
    let mut body = given::requisition(lab.project, model, 1);
    body["starts_at"] = json!(Utc::now() + Duration::days(in_days));
    body["due_at"] = json!(Utc::now() + Duration::days(in_days + 7));
    lab.app.post(&who.token, "/v1/requisitions", &body).await.expect(202)
}

async fn queue(lab: &Lab, who: &Person, of: &str) -> Vec<Value> {
    let listed = lab.app.get(&who.token, &format!("/v1/requisitions?waiting_for={of}")).await.expect(200);
    listed["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn technicians_see_what_waits_for_them_by_when_it_is_needed_and_not_their_own() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let colleague = given::person(&lab.app, Role::Technician).await;
    given::add_member(&lab.app, lab.project, &lab.leader, &colleague, MemberRole::Member).await;
    let later = submit(&lab, &lab.member, &model, 20).await;
    let own = submit(&lab, &colleague, &model, 15).await;
    let sooner = submit(&lab, &lab.member, &model, 10).await;
    let decided = submit(&lab, &lab.member, &model, 5).await;
    let path = format!("/v1/requisitions/{}/approve", id_of(&decided));
    lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(200);
    let ids = |of: &[&Value]| of.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();

    assert_eq!(queue(&lab, &lab.technician, "technician").await, ids(&[&sooner, &own, &later]));
    assert_eq!(queue(&lab, &lab.technician, "me").await, ids(&[&sooner, &own, &later]));
    assert_eq!(queue(&lab, &colleague, "me").await, ids(&[]), "nor does who borrows for the project");
    assert_eq!(queue(&lab, &lab.technician, "supervisor").await, ids(&[]));
    assert_eq!(queue(&lab, &lab.member, "me").await, ids(&[]), "whoever asks decides nothing");
    let first = lab.app.get(&lab.technician.token, "/v1/requisitions?waiting_for=me&limit=2").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/v1/requisitions?waiting_for=me&limit=2&cursor={cursor}");
    let rest = lab.app.get(&lab.technician.token, &path).await.expect(200);
    assert_eq!((&rest["items"][0]["id"], &rest["next_cursor"]), (&later["id"], &Value::Null));
}

#[tokio::test]
async fn supervisors_see_what_waits_for_them_in_their_projects() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let (own, other) = (given::person(&lab.app, Role::Professor).await, given::person(&lab.app, Role::Professor).await);
    given::add_member(&lab.app, lab.project, &lab.leader, &own, MemberRole::Supervisor).await;
    let rule = json!({"position": 1, "outcome": "supervisor_then_technician"});
    lab.app.post(&lab.admin.token, "/v1/approval-rules", &rule).await.expect(201);
    let asked = submit(&lab, &lab.member, &model, 3).await;

    assert_eq!(queue(&lab, &own, "me").await, [asked["id"].clone()]);
    assert_eq!(queue(&lab, &other, "me").await, Vec::<Value>::new());
    assert_eq!(queue(&lab, &lab.technician, "me").await, Vec::<Value>::new());
    lab.app.post(&own.token, &format!("/v1/requisitions/{}/endorse", id_of(&asked)), &json!({})).await.expect(200);
    assert_eq!(queue(&lab, &own, "me").await, Vec::<Value>::new());
    assert_eq!(queue(&lab, &lab.technician, "me").await, [asked["id"].clone()]);
}
