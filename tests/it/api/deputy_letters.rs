//! Whoever decides in somebody's place reads so: in a letter of its own, or in their digest.

use super::{
    app::App,
    given::{self, Person},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use makerlab_shared::domain::user::Role;
use makerlab_tests::{floor::Floor, mailbox::Message};
use serde_json::{Value, json};

const PATH: &str = "/v1/users/me/deputy";

/// A worker beside an api, and a professor who goes away while a technician stands in.
struct Office {
    floor: Floor,
    app: App,
    professor: Person,
    technician: Person,
}

impl Office {
    async fn new() -> Self {
        let floor = Floor::new().await;
        let app = App::beside(&floor);
        let professor = given::person(&app, Role::Professor).await;
        let id = floor.people.technician;
        let technician = Person { id: id.0, token: given::token(&app, id, Utc::now() + Duration::days(1)).await };
        Self { floor, app, professor, technician }
    }

    /// Named for a week, and given up at once.
    async fn name_and_end(&self) {
        let body = json!({"user_id": self.technician.id, "until": Utc::now() + Duration::days(7)});
        self.app.call(&self.professor.token, Method::PUT, PATH, &body).await.expect(200);
        let ended = self.app.call(&self.professor.token, Method::DELETE, PATH, &Value::Null).await;
        assert_eq!(ended.status, 204);
    }

    async fn letters(&self) -> Vec<Message> {
        for job in self.floor.due_jobs().await {
            self.floor.ring(job).await;
        }
        self.floor.mailbox.messages()
    }
}

#[tokio::test]
async fn a_deputy_gets_a_letter_when_named_and_another_when_it_ends_early() {
    let office = Office::new().await;

    office.name_and_end().await;

    let letters = office.letters().await;
    let subjects: Vec<_> = letters.iter().filter_map(|letter| letter.header("subject")).collect();
    assert_eq!(
        subjects,
        ["You decide in the place of Ana Silva", "You do not decide in the place of Ana Silva any more"]
    );
    let listed = office.app.get(&office.technician.token, "/v1/notifications").await.expect(200);
    let told: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| &item["event"]).collect();
    assert_eq!(told, [&json!("deputy_ended"), &json!("deputy_named")]);
    assert_eq!(listed["items"][0]["project_id"], Value::Null);
}

#[tokio::test]
async fn whoever_hears_once_a_day_reads_both_in_one_digest_under_the_name_of_who_is_away() {
    let office = Office::new().await;
    let choice = json!({
        "language": "en", "digest_hour": 8, "channels": {"deputy_named": "digest", "deputy_ended": "digest"},
    });
    office.app.call(&office.technician.token, Method::PUT, "/v1/users/me/preferences", &choice).await.expect(200);

    office.name_and_end().await;
    sqlx::query("update notifications set created_at = created_at - interval '2 days' where channel = 'digest'")
        .execute(&office.app.owner)
        .await
        .unwrap();

    let letters = office.letters().await;
    assert_eq!(letters.len(), 1);
    let text = &letters[0].text;
    assert!(text.contains("\nAna Silva\n"), "{text}");
    assert!(text.contains(": you decide in their place from ") && text.contains(": you do not decide"), "{text}");
}
