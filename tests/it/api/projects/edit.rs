//! What a project says of itself, and that nobody overwrites what they have not read.

use super::{edit, path};
use crate::api::{
    app::fields,
    given::{self, a_lab, id_of},
};
use makerlab_shared::domain::user::Role;
use serde_json::{Value, json};

fn everything() -> Value {
    json!({
        "name": "Rover",
        "description": "Six wheels",
        "course": "Robótica Móvel",
        "academic_year": "2026/27",
        "group_number": 7,
        "tags": ["Rover", " motors ", "rover"],
        "links": [{"title": "Repository", "url": "https://git.example/rover"}],
    })
}

#[tokio::test]
async fn a_project_is_created_with_its_whole_page_and_read_as_it_was_written() {
    let lab = a_lab().await;
    let professor = given::person(&lab.app, Role::Professor).await;
    let mut body = everything();
    body["supervisors"] = json!([{"user_id": professor.id}]);

    let created = lab.app.post(&lab.member.token, "/v1/projects", &body).await.expect(201);

    let read = lab.app.get(&lab.member.token, &path(id_of(&created), "")).await.expect(200);
    assert_eq!(read, created);
    for (field, value) in everything().as_object().unwrap().iter().filter(|(field, _)| *field != "tags") {
        assert_eq!(&read[field], value, "{field}");
    }
    assert_eq!(read["tags"], json!(["rover", "motors"]));
    assert_eq!(read["supervisors"], json!([{"user_id": professor.id, "name": "Ana Silva"}]));
    assert_eq!((&read["status"], &read["own_role"]), (&json!("pending"), &json!("leader")));
}

#[tokio::test]
async fn what_no_project_can_say_is_refused_field_by_field() {
    let lab = a_lab().await;
    let many = |value: Value| Value::Array(vec![value; 21]);
    for (field, value, named) in [
        ("name", json!(""), "/name"),
        ("academic_year", json!("2026/28"), "/academic_year"),
        ("academic_year", json!("2026"), "/academic_year"),
        ("group_number", json!(0), "/group_number"),
        ("course", json!("x".repeat(201)), "/course"),
        ("tags", json!(["ok", "a,b"]), "/tags/1"),
        ("tags", many(json!("x")), "/tags"),
        ("links", json!([{"title": "x", "url": "http://plain.example"}]), "/links/0"),
        ("links", json!([{"title": "x", "url": "javascript:alert(1)"}]), "/links/0"),
        ("links", many(json!({"title": "x", "url": "https://a.example"})), "/links"),
        ("leader", json!({}), "/leader/user_id"),
        ("supervisors", json!([{"email": "nobody@lab.example"}]), "/supervisors/0/email"),
    ] {
        let mut body = everything();
        body[field] = value;
        let problem = lab.app.post(&lab.member.token, "/v1/projects", &body).await.expect_problem(422, "invalid-input");
        assert_eq!(fields(&problem), [named], "{problem}");
    }
    assert_eq!(lab.app.count("projects").await, 1);
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_leaves_the_rest() {
    let lab = a_lab().await;
    let body = everything();
    let project = id_of(&lab.app.post(&lab.leader.token, "/v1/projects", &body).await.expect(201));
    let before = lab.app.get(&lab.leader.token, &path(project, "")).await;
    let tag = before.headers["etag"].to_str().unwrap().to_owned();

    let change = json!({"name": "Rover 2", "academic_year": null, "tags": []});
    let edited = edit(&lab, &lab.leader.token, project, Some(&tag), &change).await;

    let new_tag = edited.headers["etag"].to_str().unwrap().to_owned();
    assert_ne!(new_tag, tag);
    let edited = edited.expect(200);
    let mut wanted = before.json;
    for (field, value) in change.as_object().unwrap() {
        wanted[field] = value.clone();
    }
    assert_eq!(edited, wanted);
    let read = lab.app.get(&lab.leader.token, &path(project, "")).await;
    assert_eq!((read.headers["etag"].to_str().unwrap(), read.json), (new_tag.as_str(), wanted));
}

#[tokio::test]
async fn whoever_has_not_read_the_latest_version_overwrites_nothing() {
    let lab = a_lab().await;
    let read = lab.app.get(&lab.leader.token, &path(lab.project, "")).await;
    let tag = read.headers["etag"].to_str().unwrap();
    let change = json!({"description": "First"});

    edit(&lab, &lab.leader.token, lab.project, None, &change).await.expect_problem(428, "precondition-required");
    edit(&lab, &lab.leader.token, lab.project, Some("1"), &change).await.expect_problem(400, "malformed-request");
    let (one, other) = (json!({"description": "First"}), json!({"description": "Second"}));
    let (first, second) = tokio::join!(
        edit(&lab, &lab.leader.token, lab.project, Some(tag), &one),
        edit(&lab, &lab.technician.token, lab.project, Some(tag), &other)
    );

    let statuses = [first.status.as_u16(), second.status.as_u16()];
    assert!(statuses == [200, 412] || statuses == [412, 200], "{statuses:?}");
    let refused = if first.status == 412 { first } else { second };
    refused.expect_problem(412, "precondition-failed");
    edit(&lab, &lab.leader.token, lab.project, Some("*"), &change).await.expect(200);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_leaves_version_and_history_as_they_are() {
    let lab = a_lab().await;
    let read = lab.app.get(&lab.leader.token, &path(lab.project, "")).await;
    let rows = lab.app.count("status_history").await;

    for body in [json!({}), json!({"name": read.json["name"]})] {
        let same = edit(&lab, &lab.leader.token, lab.project, Some("*"), &body).await;
        assert_eq!(same.headers["etag"], read.headers["etag"]);
        assert_eq!(same.expect(200), read.json);
    }
    assert_eq!(lab.app.count("status_history").await, rows);
}

#[tokio::test]
async fn what_must_not_be_empty_is_not_emptied_by_null() {
    let lab = a_lab().await;
    for field in ["name", "description", "tags", "links"] {
        let problem = edit(&lab, &lab.leader.token, lab.project, Some("*"), &json!({field: null})).await;
        assert_eq!(fields(&problem.expect_problem(422, "invalid-input")), [format!("/{field}")]);
    }
}
