//! What is kept for somebody is kept for the project that they waited in, and no other.

use super::{Line, a_line};
use crate::api::{
    app::Reply,
    given::{self, id_of},
};
use chrono::{Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

impl Line {
    /// Of the member, for the model.
    async fn ask_for(&self, project: Uuid) -> Reply {
        let mut body = given::requisition(project, &self.model, 1);
        body["due_at"] = json!(Utc::now() + Duration::days(3));
        self.app().post(&self.lab.member.token, "/v1/requisitions", &body).await
    }

    /// Which requisitions the project's history tells of.
    async fn told_of(&self, project: Uuid) -> Vec<Value> {
        let path = format!("/v1/projects/{project}/history");
        let history = self.app().get(&self.lab.leader.token, &path).await.expect(200);
        history["items"].as_array().unwrap().iter().map(|row| row["requisition_id"].clone()).collect()
    }
}

#[tokio::test]
async fn what_is_kept_for_one_project_is_not_taken_for_another_nor_told_in_its_history() {
    let line = a_line().await;
    let (waits, project) = (&line.lab.member, line.lab.project);
    let another = given::active_project(line.app(), waits, &line.lab.technician).await;
    line.join(waits).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;

    line.ask_for(another).await.expect_problem(409, "no-free-unit");
    line.needs_approval().await;
    let elsewhere = line.ask_for(another).await.expect(202);
    let approve = format!("/v1/requisitions/{}/approve", id_of(&elsewhere));
    line.app().post(&line.lab.technician.token, &approve, &json!({})).await.expect_problem(409, "no-free-unit");

    assert_eq!(line.status(waits).await, "held");
    assert_eq!(line.kept_for(waits).await, line.model.units);
    assert!(!line.told_of(project).await.contains(&elsewhere["id"]));
    let taken = line.ask_for(project).await.expect(202);
    assert_eq!(
        (line.status(waits).await.as_str(), &line.entry(waits).await["requisition_id"]),
        ("taken", &taken["id"])
    );
    let approve = format!("/v1/requisitions/{}/approve", id_of(&taken));
    line.app().post(&line.lab.technician.token, &approve, &json!({})).await.expect(200);
}
