//! Places in line that end with the project, or with the membership of whoever waits.

use super::{Line, a_line};
use crate::api::given::Person;
use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// The only unit is kept for the lab's member, and the other person waits for it.
async fn kept_for_the_first() -> Line {
    let line = a_line().await;
    line.join(&line.lab.member).await.expect(201);
    line.join(&line.other).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;
    assert_eq!(line.status(&line.lab.member).await, "held");
    line
}

impl Line {
    async fn in_project(&self, who: &Person, method: Method, path: &str, body: Value) {
        let path = format!("/v1/projects/{}{path}", self.lab.project);
        self.app().call(&who.token, method, &path, &body).await.expect(200);
    }

    async fn statuses(&self) -> (String, String) {
        (self.status(&self.lab.member).await, self.status(&self.other).await)
    }

    /// Who ended somebody's place, by which event and why.
    async fn ended(&self, whose: &Person) -> (String, Option<Uuid>, Option<String>) {
        let ended = "select h.event, h.actor_id, h.reason from status_history h
                     join waiting_list w on w.id = h.entity_id
                     where h.entity = 'waiting_entry' and h.to_status = 'ended' and w.user_id = $1";
        sqlx::query_as(ended).bind(whose.id).fetch_one(&self.app().owner).await.unwrap()
    }
}

#[tokio::test]
async fn whoever_leaves_the_project_waits_no_longer_and_the_next_has_what_was_kept() {
    let line = kept_for_the_first().await;
    let leaver = &line.lab.member;

    line.in_project(leaver, Method::POST, "/leave", json!({})).await;

    assert_eq!(line.statuses().await, ("ended".into(), "waiting".into()));
    assert!(line.kept_for(leaver).await.is_empty());
    assert_eq!(line.ended(leaver).await, ("left".to_owned(), Some(leaver.id), None));
    assert_eq!(line.told("waiting_ended", leaver).await, 0, "they know");
    line.serve().await;
    assert_eq!(line.statuses().await, ("ended".into(), "held".into()));
}

#[tokio::test]
async fn whoever_is_removed_waits_no_longer_and_hears_for_what() {
    let line = kept_for_the_first().await;
    let (gone, leader) = (&line.lab.member, &line.lab.leader);
    let removal = format!("/members/{}/remove", gone.id);

    line.in_project(leader, Method::POST, &removal, json!({"reason": "Another group."})).await;
    line.serve().await;

    assert_eq!(line.statuses().await, ("ended".into(), "held".into()));
    assert_eq!(line.ended(gone).await, ("removed".to_owned(), Some(leader.id), Some("Another group.".to_owned())));
    let told = line.app().get(&gone.token, "/v1/notifications").await.expect(200);
    let told = told["items"].as_array().unwrap().iter().find(|told| told["event"] == "waiting_ended").unwrap();
    assert!(told["message"].as_str().unwrap().starts_with("1 × Oscilloscope"), "{told}");
    assert_eq!(told["project_id"], json!(line.lab.project));
    assert_eq!(line.letters("hold_granted").await, ["moot", "queued"], "it is not theirs to take");
}

#[tokio::test]
async fn whose_role_does_not_let_them_request_waits_no_longer_and_another_role_that_does_changes_nothing() {
    let line = kept_for_the_first().await;
    let [member, other] = [&line.lab.member, &line.other].map(|who| format!("/members/{}", who.id));
    line.in_project(&line.lab.leader, Method::PATCH, &member, json!({"role": "observer"})).await;
    line.in_project(&line.lab.leader, Method::PATCH, &other, json!({"role": "leader"})).await;
    line.serve().await;

    assert_eq!(line.statuses().await, ("ended".into(), "held".into()));
    assert_eq!(line.ended(&line.lab.member).await.0, "role_changed");
    assert_eq!(line.told("waiting_ended", &line.lab.member).await, 1);
}

#[tokio::test]
async fn when_a_project_is_over_nobody_waits_for_it() {
    for (end, body) in [("complete", json!({})), ("archive", json!({"reason": "The course is over."}))] {
        let line = kept_for_the_first().await;

        line.in_project(&line.lab.technician, Method::POST, &format!("/{end}"), body.clone()).await;

        assert_eq!(line.statuses().await, ("ended".into(), "ended".into()), "{end}");
        assert_eq!(line.app().count("holds where ended_at is null").await, 0);
        let (event, by, reason) = line.ended(&line.other).await;
        assert_eq!((event, by), (format!("{end}d"), Some(line.lab.technician.id)));
        assert_eq!(reason.as_deref(), body["reason"].as_str());
        assert_eq!(line.told("waiting_ended", &line.other).await, 1);
    }
}

#[tokio::test]
async fn nothing_is_kept_for_a_place_that_outlived_a_membership_and_it_ends_when_its_line_is_served() {
    let line = a_line().await;
    let (first, second) = (&line.lab.member, &line.other);
    line.join(first).await.expect(201);
    line.join(second).await.expect(201);
    // As of a time when memberships ended and places did not.
    let gone = "update memberships set left_at = now() where user_id = $1";
    sqlx::query(gone).bind(first.id).execute(&line.app().owner).await.unwrap();
    line.cancel_promise().await;

    line.serve().await;

    assert_eq!(line.statuses().await, ("ended".into(), "held".into()));
    assert_eq!(line.ended(first).await, ("may_not_ask".to_owned(), None, None));
    assert_eq!((line.told("hold_granted", first).await, line.told("waiting_ended", first).await), (0, 1));
}
