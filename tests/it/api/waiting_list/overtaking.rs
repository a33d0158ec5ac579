//! Nobody overtakes whoever waits: neither before the job has run that serves the line, nor while a unit rests.

use super::{Line, a_line, a_line_of};
use crate::api::{
    app::Reply,
    availability::set_buffer,
    given::{self, Person, id_of},
};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

impl Line {
    async fn ask_from(&self, who: &Person, from: DateTime<Utc>) -> Reply {
        let mut body = given::requisition(self.lab.project, &self.model, 1);
        (body["starts_at"], body["due_at"]) = (json!(from), json!(from + Duration::days(2)));
        self.app().post(&who.token, "/v1/requisitions", &body).await
    }

    /// What was promised to the leader comes back now.
    async fn bring_back(&self) {
        given::checked_out(&self.lab, &json!({"id": self.promised})).await;
        let back = "update loans set status = 'returned', returned_at = lab_now() where requisition_id = $1";
        sqlx::query(back).bind(self.promised).execute(&self.app().owner).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_asks_right_after_a_release_does_not_overtake_the_first_in_line() {
    let line = a_line().await;
    let (first, second) = (&line.lab.member, &line.other);
    line.join(first).await.expect(201);

    line.cancel_promise().await;

    line.submit(second).await.expect_problem(409, "no-free-unit");
    assert_eq!(line.app().count("unmet_demand").await, 1, "it was wanted and not to be had");
    assert_eq!(line.join(second).await.expect(201)["place"], 2, "there is something to wait for");
    let requisition = line.submit(first).await.expect(202);
    let taken = line.entry(first).await;
    assert_eq!((&taken["status"], &taken["requisition_id"]), (&json!("taken"), &requisition["id"]));
}

#[tokio::test]
async fn whoever_is_first_hears_once_that_units_are_kept_whoever_saw_to_it() {
    let line = a_line_of(2).await;
    let (first, second) = (&line.lab.member, &line.other);
    let other_unit = id_of(&line.submit(&line.lab.leader).await.expect(202));
    line.join(first).await.expect(201);
    line.cancel_promise().await;
    let cancel = format!("/v1/requisitions/{other_unit}/cancel");
    line.app().post(&line.lab.leader.token, &cancel, &json!({})).await.expect(200);

    line.submit(second).await.expect(202);

    assert_eq!(line.status(first).await, "held");
    assert_eq!(line.letters("hold_granted").await, ["queued"]);
    line.serve().await;
    assert_eq!(line.letters("hold_granted").await, ["queued"]);
}

#[tokio::test]
async fn a_unit_that_rests_after_its_return_is_kept_from_the_end_of_its_rest_on() {
    let line = a_line().await;
    let (first, second) = (&line.lab.member, &line.other);
    set_buffer(&line.lab, 2).await;
    line.join(first).await.expect(201);
    line.bring_back().await;

    line.ask_from(second, Utc::now() + Duration::hours(3)).await.expect_problem(409, "no-free-unit");
    line.serve().await;

    let entry: Value = line.entry(first).await;
    assert_eq!(entry["status"], "held", "{entry}");
    let from: DateTime<Utc> = entry["starts_at"].as_str().unwrap().parse().unwrap();
    let rested: DateTime<Utc> = sqlx::query_scalar("select returned_at + interval '2 hours' from loans")
        .fetch_one(&line.app().owner)
        .await
        .unwrap();
    assert_eq!(from, rested);
    line.ask_from(second, Utc::now() + Duration::hours(3)).await.expect_problem(409, "no-free-unit");
    line.ask_from(first, from).await.expect(202);
    assert_eq!(line.status(first).await, "taken");
}
