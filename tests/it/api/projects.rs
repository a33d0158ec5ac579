//! Projects through the router: their pages, their life, their members, their history.

mod edit;
mod history;
mod life;
mod list;
mod members;
mod obstacles;

use super::{
    app::{Reply, request},
    given::Lab,
};
use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::Value;
use uuid::Uuid;

fn path(project: Uuid, rest: &str) -> String {
    format!("/v1/projects/{project}{rest}")
}

/// An edit of the version that was read; `None`: of nobody knows which.
async fn edit(lab: &Lab, token: &str, project: Uuid, version: Option<&str>, body: &Value) -> Reply {
    let mut request =
        request(Method::PATCH, &path(project, ""), token).header(header::CONTENT_TYPE, "application/json");
    if let Some(version) = version {
        request = request.header(header::IF_MATCH, version);
    }
    lab.app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// What was written to somebody about projects, the newest first.
async fn letters(lab: &Lab, token: &str) -> Vec<String> {
    let listed = lab.app.get(token, "/v1/notifications").await.expect(200);
    let items = listed["items"].as_array().unwrap().iter().filter(|item| item["project_id"].is_string());
    items.map(|item| item["event"].as_str().unwrap().to_owned()).collect()
}
