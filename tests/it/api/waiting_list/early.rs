//! What waits at the counter for a later loan, and whoever waits for the time before it.

use super::{Line, a_line};
use crate::api::{
    app::Reply,
    given::{self, id_of},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use serde_json::{Value, json};

/// The unit is promised at the counter to the other person, from the tenth day on, and free until then.
async fn a_later_loan() -> (Line, Value) {
    let line = a_line().await;
    let path = format!("/v1/equipment-models/{}", line.model.id);
    line.app().call(&line.lab.admin.token, Method::PATCH, &path, &json!({"collection": "counter"})).await.expect(200);
    let mut body = given::requisition(line.lab.project, &line.model, 1);
    (body["starts_at"], body["due_at"]) =
        (json!(Utc::now() + Duration::days(10)), json!(Utc::now() + Duration::days(12)));
    let later = line.app().post(&line.other.token, "/v1/requisitions", &body).await.expect(202);
    (line, later)
}

impl Line {
    async fn collect(&self, requisition: &Value) -> Reply {
        let path = format!("/v1/requisitions/{}/hand-over", id_of(requisition));
        let units = json!({"units": [{"equipment_id": self.model.units[0]}]});
        self.app().post(&self.lab.technician.token, &path, &units).await
    }
}

#[tokio::test]
async fn a_unit_that_is_kept_for_whoever_waited_is_not_collected_early_by_somebody_else() {
    let (line, later) = a_later_loan().await;
    line.join(&line.lab.member).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;
    assert_eq!(line.kept_for(&line.lab.member).await, line.model.units);

    let problem = line.collect(&later).await.expect_problem(409, "unit-already-promised");

    let why = problem["detail"].as_str().unwrap();
    let begins = (Utc::now() + Duration::days(10)).format("%Y-%m-%d").to_string();
    assert!(why.contains("waiting list") && why.contains(&begins), "{why}");
}

#[tokio::test]
async fn nor_is_it_collected_early_before_the_first_in_line_has_had_a_turn() {
    let (line, later) = a_later_loan().await;
    line.join(&line.lab.member).await.expect(201);
    line.cancel_promise().await;

    line.collect(&later).await.expect_problem(409, "unit-already-promised");
}

#[tokio::test]
async fn whoever_has_collected_early_hears_that_somebody_waits_for_the_time_before_their_loan() {
    let (line, later) = a_later_loan().await;
    line.cancel_promise().await;
    line.collect(&later).await.expect(202);

    line.join(&line.lab.member).await.expect(201);
    line.serve().await;

    assert_eq!(line.told("somebody_waits", &line.other).await, 1);
    assert_eq!(line.status(&line.lab.member).await, "waiting");
}
