//! What is kept for a requisition until its decision, while what it asks for is edited.

use super::{Line, a_line};
use crate::api::{
    app::{Reply, request},
    given::{self, Model, Person, id_of},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// A line in which two stand, and a requisition of the first of them that waits for a decision with its units kept.
struct Kept {
    line: Line,
    /// Beside the line's own model.
    other: Model,
    pending: Uuid,
}

/// The only unit of each of two models is kept for the lab's member; the line's other person waits for both.
async fn kept_of_two_models() -> Kept {
    let line = a_line().await;
    let (app, lab) = (line.app(), &line.lab);
    let other = given::free_model(app, 1, &lab.admin).await;
    let promised = given::requisition(lab.project, &other, 1);
    let promised = id_of(&app.post(&lab.leader.token, "/v1/requisitions", &promised).await.expect(202));
    for who in [&lab.member, &line.other] {
        line.join(who).await.expect(201);
        let mut place = line.place();
        place["model_id"] = json!(other.id);
        app.post(&who.token, "/v1/waiting-list", &place).await.expect(201);
    }
    line.cancel_promise().await;
    app.post(&lab.leader.token, &format!("/v1/requisitions/{promised}/cancel"), &json!({})).await.expect(200);
    line.serve().await;
    for model in [line.model.id, other.id] {
        let rule = json!({"approval": "technician"});
        let path = format!("/v1/equipment-models/{model}");
        app.call(&lab.admin.token, Method::PATCH, &path, &rule).await.expect(200);
    }
    let mut body = given::requisition(lab.project, &line.model, 1);
    body["lines"] = json!([{"model_id": line.model.id}, {"model_id": other.id}]);
    body["due_at"] = json!(Utc::now() + Duration::days(3));
    let pending = id_of(&app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202));
    line.serve().await;
    Kept { line, other, pending }
}

impl Kept {
    async fn edit(&self, body: Value) -> Value {
        let path = format!("/v1/requisitions/{}", self.pending);
        let edited = self.call(&self.line.lab.member, Method::PATCH, &path, "*", body).await.expect(200);
        self.line.serve().await;
        edited
    }

    async fn approve(&self) -> Reply {
        let path = format!("/v1/requisitions/{}", self.pending);
        let technician = &self.line.lab.technician;
        let read = self.line.app().get(&technician.token, &path).await;
        let version = read.headers["etag"].to_str().unwrap();
        self.call(technician, Method::POST, &format!("{path}/approve"), version, json!({})).await
    }

    async fn call(&self, who: &Person, method: Method, path: &str, version: &str, body: Value) -> Reply {
        let request = request(method, path, &who.token).header("content-type", "application/json");
        let request = request.header("if-match", version).body(body.to_string().into()).unwrap();
        self.line.app().send(request).await
    }

    /// How somebody's place in the lines of the two models stands.
    async fn places(&self, who: &Person) -> (String, String) {
        let listed = self.line.app().get(&who.token, "/v1/waiting-list").await.expect(200);
        let status = |model: Uuid| {
            let entry = listed["items"].as_array().unwrap().iter().find(|entry| entry["model_id"] == json!(model));
            entry.unwrap()["status"].as_str().unwrap().to_owned()
        };
        (status(self.line.model.id), status(self.other.id))
    }

    async fn places_of_the_next(&self) -> (String, String) {
        self.places(&self.line.other).await
    }
}

fn both(word: &str) -> (String, String) {
    (word.to_owned(), word.to_owned())
}

#[tokio::test]
async fn an_edit_that_drops_one_model_lets_the_next_have_the_unit_of_that_model_alone() {
    let kept = kept_of_two_models().await;
    assert_eq!(kept.places(&kept.line.lab.member).await, both("taken"));
    assert_eq!(kept.places_of_the_next().await, both("waiting"));

    kept.edit(json!({"lines": [{"model_id": kept.line.model.id}]})).await;

    assert_eq!(kept.places_of_the_next().await, ("waiting".to_owned(), "held".to_owned()));
    assert_eq!(kept.line.kept_for(&kept.line.lab.member).await, [kept.line.model.units[0]]);
    let approved = kept.approve().await.expect(200);
    assert_eq!(approved["loans"][0]["equipment_id"], json!(kept.line.model.units[0]));
}

#[tokio::test]
async fn an_edit_of_the_purpose_or_to_a_part_of_the_period_keeps_every_unit() {
    let kept = kept_of_two_models().await;

    kept.edit(json!({"purpose": "Measure the mast"})).await;
    kept.edit(json!({"due_at": Utc::now() + Duration::days(2)})).await;

    assert_eq!(kept.places_of_the_next().await, both("waiting"));
}

#[tokio::test]
async fn an_edit_to_another_time_lets_the_next_have_every_unit() {
    let kept = kept_of_two_models().await;

    kept.edit(json!({"due_at": Utc::now() + Duration::days(30)})).await;

    assert_eq!(kept.places_of_the_next().await, both("held"));
    kept.approve().await.expect_problem(409, "no-free-unit");
}
