//! What is asked for may become something else until the first decision; the rules judge it anew, and nothing is lost.

mod decided;
mod granting;
mod rules;
mod versions;

use super::{
    app::{Reply, request},
    given::{self, Lab, Model, Person, id_of},
};
use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};

/// An edit of the version that was read; `None`: of nobody knows which.
async fn edit(lab: &Lab, who: &Person, requisition: &Value, version: Option<&str>, body: &Value) -> Reply {
    let path = format!("/v1/requisitions/{}", id_of(requisition));
    let mut request = request(Method::PATCH, &path, &who.token).header(header::CONTENT_TYPE, "application/json");
    if let Some(version) = version {
        request = request.header(header::IF_MATCH, version);
    }
    lab.app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// By the member, of whatever is there.
async fn change(lab: &Lab, requisition: &Value, body: Value) -> Value {
    edit(lab, &lab.member, requisition, Some("*"), &body).await.expect(200)
}

async fn read(lab: &Lab, requisition: &Value) -> Reply {
    lab.app.get(&lab.member.token, &format!("/v1/requisitions/{}", id_of(requisition))).await
}

/// Says a word of decision, about the version that was read if one is given.
async fn say(lab: &Lab, who: &Person, requisition: &Value, word: &str, version: Option<&str>, body: &Value) -> Reply {
    let path = format!("/v1/requisitions/{}/{word}", id_of(requisition));
    let mut request = request(Method::POST, &path, &who.token).header(header::CONTENT_TYPE, "application/json");
    if let Some(version) = version {
        request = request.header(header::IF_MATCH, version);
    }
    lab.app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn tag(reply: &Reply) -> String {
    reply.headers["etag"].to_str().unwrap().to_owned()
}

fn of(model: &Model, quantity: i64) -> Value {
    json!({"model_id": model.id, "quantity": quantity})
}

/// Position, quantity and status of each line.
fn lines(requisition: &Value) -> Vec<(i64, i64, &str)> {
    let lines = requisition["lines"].as_array().unwrap().iter();
    lines
        .map(|line| {
            let number = |name: &str| line[name].as_i64().unwrap();
            (number("position"), number("quantity"), line["status"].as_str().unwrap())
        })
        .collect()
}

/// What somebody was told of requisitions, the newest first.
async fn events_to(lab: &Lab, who: &Person) -> Vec<String> {
    let listed = lab.app.get(&who.token, "/v1/notifications").await.expect(200);
    let items = listed["items"].as_array().unwrap().iter().filter(|item| item["requisition_id"].is_string());
    items.map(|item| item["event"].as_str().unwrap().to_owned()).collect()
}

/// What the last row of history about the requisition itself says.
fn last_reason(requisition: &Value) -> &str {
    let history = requisition["history"].as_array().unwrap();
    let told = history.iter().rev().find(|row| row["entity"] == "requisition" && row["event"] == "edited");
    told.expect("an edit")["reason"].as_str().unwrap()
}

#[tokio::test]
async fn lines_that_stay_keep_their_place_and_those_that_go_are_marked_and_stay_readable() {
    let lab = given::a_lab().await;
    let (one, two, three) =
        (given::model(&lab.app, 9).await, given::model(&lab.app, 9).await, given::model(&lab.app, 9).await);
    let mut body = given::requisition(lab.project, &one, 1);
    body["lines"] = json!([of(&one, 1), of(&two, 2)]);
    let asked = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);

    let edited =
        change(&lab, &asked, json!({"lines": [of(&two, 2), of(&one, 4), {"equipment_id": three.units[0]}]})).await;

    assert_eq!(
        lines(&edited),
        [(1, 1, "withdrawn"), (2, 2, "pending"), (3, 4, "pending"), (4, 1, "pending")],
        "{edited:#}"
    );
    assert_eq!(edited["lines"][1]["id"], asked["lines"][1]["id"]);
    assert_eq!(edited["lines"][3]["equipment_id"], json!(three.units[0]));
    assert_eq!((&edited["status"], &edited["waiting_for"]), (&json!("pending"), &json!("technician")));
    assert_eq!(last_reason(&edited), "without line 1; 2 lines added");
    let told = |line: &Value| {
        let rows = edited["history"].as_array().unwrap().iter().filter(|row| row["entity_id"] == line["id"]);
        rows.map(|row| (row["event"].as_str().unwrap().to_owned(), row["to_status"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(&edited["lines"][0]), [("edited".to_owned(), json!("withdrawn"))]);
    assert_eq!(told(&edited["lines"][2]), [("edited".to_owned(), json!("pending"))]);
}

#[tokio::test]
async fn purpose_and_period_are_replaced_and_what_they_were_is_read_with_the_edit() {
    let lab = given::a_lab().await;
    let asked = given::submitted(&lab, &given::model(&lab.app, 1).await).await;

    let edited = change(&lab, &asked, json!({"purpose": "Measure the mast", "due_at": "2027-01-15"})).await;

    assert_eq!(edited["purpose"], "Measure the mast");
    assert_eq!(edited["due_at"], "2027-01-15T23:59:59Z", "a day ends when it does at the lab");
    assert_eq!(edited["starts_at"], asked["starts_at"]);
    let before = &edited["edits"][0];
    assert_eq!((&before["purpose"], &before["due_at"]), (&asked["purpose"], &asked["due_at"]));
    assert_eq!(before["edited_by"], json!(lab.member.id));
    assert!(last_reason(&edited).starts_with("another purpose; due 2027-01-15 23:59 UTC instead of "), "{edited:#}");
    assert!(!edited["history"].to_string().contains("mast"), "the purpose itself is no history");
    for refused in ["update requisition_edits set purpose = 'Never'", "delete from requisition_edits"] {
        let refused = sqlx::query(refused).execute(&lab.app.owner).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}

#[tokio::test]
async fn those_who_decide_hear_of_an_edit_once_and_whoever_asked_gets_a_letter() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let asked = given::submitted(&lab, &model).await;

    edit(&lab, &lab.leader, &asked, Some("*"), &json!({"lines": [of(&model, 3)]})).await.expect(200);

    assert_eq!(events_to(&lab, &lab.technician).await, ["approval_needed", "approval_needed"]);
    assert_eq!(events_to(&lab, &lab.member).await[..2], ["edited", "submitted"]);
    let told: Vec<Option<String>> = sqlx::query_scalar(
        "select message from notifications where event = 'approval_needed' and recipient_id = $1 order by created_at",
    )
    .bind(lab.technician.id)
    .fetch_all(&lab.app.owner)
    .await
    .unwrap();
    assert_eq!(told, [None, Some("edited since it was submitted".to_owned())]);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_tells_nobody_and_leaves_the_version() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let asked = given::submitted(&lab, &model).await;
    let before = read(&lab, &asked).await;
    let counts = || async { (lab.app.count("status_history").await, lab.app.count("notifications").await) };
    let rows = counts().await;

    for body in [json!({}), json!({"purpose": asked["purpose"], "lines": [of(&model, 1)], "due_at": asked["due_at"]})] {
        let same = edit(&lab, &lab.member, &asked, Some(&tag(&before)), &body).await;
        assert_eq!(tag(&same), tag(&before));
        assert_eq!(same.expect(200), before.json);
    }
    assert_eq!(counts().await, rows);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_field_by_field_and_changes_nothing() {
    let lab = given::a_lab().await;
    let model = given::model(&lab.app, 9).await;
    let asked = given::submitted(&lab, &model).await;
    let before = read(&lab, &asked).await.json;
    for (body, named) in [
        (json!({"purpose": " "}), "/purpose"),
        (json!({"purpose": null}), "/purpose"),
        (json!({"due_at": "2020-01-01"}), "/due_at"),
        (json!({"starts_at": "2020-01-01T10:00:00Z"}), "/starts_at"),
        (json!({"lines": []}), "/lines"),
        (json!({"lines": [of(&model, 51)]}), "/lines/0/quantity"),
        (json!({"lines": [of(&model, 1), {"model_id": lab.project}]}), "/lines/1/model_id"),
        (json!({"project_id": lab.project}), "/project_id"),
    ] {
        let problem = edit(&lab, &lab.member, &asked, Some("*"), &body).await.expect_problem(422, "invalid-input");
        assert_eq!(super::app::fields(&problem), [named], "{problem}");
    }
    assert_eq!(read(&lab, &asked).await.json, before);
}

#[tokio::test]
async fn only_whoever_asked_and_the_leaders_of_the_project_edit() {
    let lab = given::a_lab().await;
    let asked = given::submitted(&lab, &given::model(&lab.app, 1).await).await;
    let body = json!({"purpose": "Measure the mast"});
    let other = given::person(&lab.app, makerlab_shared::domain::user::Role::Student).await;
    edit(&lab, &other, &asked, Some("*"), &body).await.expect_problem(404, "not-found");
    given::add_member(&lab.app, lab.project, &lab.leader, &other, makerlab_shared::domain::project::MemberRole::Member)
        .await;

    edit(&lab, &other, &asked, Some("*"), &body).await.expect_problem(403, "member-role-not-allowed");
    edit(&lab, &lab.technician, &asked, Some("*"), &body).await.expect_problem(403, "role-not-allowed");
    edit(&lab, &lab.leader, &asked, Some("*"), &body).await.expect(200);
}
