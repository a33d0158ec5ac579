//! What the lab says by itself is told in the language of whoever reads it: in letters, in the digest, in the list.

use super::{
    app::App,
    given::{self, Person},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use makerlab_shared::domain::{id::UserId, user::Role};
use makerlab_tests::{floor::Floor, simulator::Handover};
use serde_json::{Value, json};
use uuid::Uuid;

const ENGLISH: &str = "units_out of a project: 0 of 1 used, 2 asked for";
const PORTUGUESE: &str = "unidades por projeto: 0 de 1 em uso, e este pedido soma 2";

/// A worker beside an api: two technicians, of whom one reads Portuguese, and a quota of one unit a project.
struct Desk {
    floor: Floor,
    app: App,
    student: Person,
    portuguese: Person,
    english: Person,
}

impl Desk {
    async fn new() -> Self {
        let floor = Floor::new().await;
        let app = App::beside(&floor);
        let student = known(&app, floor.people.student.id).await;
        let portuguese = known(&app, floor.people.technician).await;
        let english = given::person(&app, Role::Technician).await;
        let admin = given::person(&app, Role::Admin).await;
        let quota = json!({"scope": "project", "measure": "units_out", "most": 1});
        app.post(&admin.token, "/v1/quotas", &quota).await.expect(201);
        let desk = Self { floor, app, student, portuguese, english };
        desk.read(&desk.portuguese, "pt").await;
        desk.read(&desk.english, "en").await;
        desk
    }

    async fn read(&self, who: &Person, language: &str) {
        let path = format!("/v1/users/{}/language", who.id);
        self.app.call(&who.token, Method::PUT, &path, &json!({"language": language})).await.expect(200);
    }

    /// Two units, one more than the quota.
    async fn ask(&self) -> Uuid {
        let body = json!({
            "project_id": self.floor.people.project,
            "purpose": "Measure the motor driver",
            "due_at": Utc::now() + Duration::days(7),
            "lines": [{"model_id": self.floor.people.model, "quantity": 2}],
        });
        given::id_of(&self.app.post(&self.student.token, "/v1/requisitions", &body).await.expect(202))
    }

    async fn send(&self) {
        for job in self.floor.due_jobs().await {
            self.floor.ring(job).await;
        }
    }

    /// Texts of the letters to somebody.
    async fn letters_to(&self, who: &Person) -> Vec<String> {
        let address: String = sqlx::query_scalar("select email from users where id = $1")
            .bind(who.id)
            .fetch_one(&self.app.owner)
            .await
            .unwrap();
        let letters = self.floor.mailbox.messages().into_iter();
        letters.filter(|letter| letter.envelope_to == [address.as_str()]).map(|letter| letter.text).collect()
    }

    /// What stands in somebody's list about this event.
    async fn listed(&self, who: &Person, event: &str) -> Value {
        let list = self.app.get(&who.token, "/v1/notifications").await.expect(200);
        let items = list["items"].as_array().unwrap();
        items.iter().find(|item| item["event"] == event).unwrap()["message"].clone()
    }
}

async fn known(app: &App, id: UserId) -> Person {
    Person { id: id.0, token: given::token(app, id, Utc::now() + Duration::days(1)).await }
}

#[tokio::test]
async fn the_quota_gone_over_is_told_to_each_technician_in_their_language() {
    let desk = Desk::new().await;
    desk.ask().await;
    desk.send().await;

    for (who, label, told) in [(&desk.portuguese, "Motivo", PORTUGUESE), (&desk.english, "Reason", ENGLISH)] {
        assert_eq!(desk.listed(who, "approval_needed").await, told);
        let letters = desk.letters_to(who).await;
        assert!(letters.iter().any(|text| text.contains(&format!("{label}: {told}"))), "{letters:?}");
    }
    desk.read(&desk.portuguese, "en").await;
    assert_eq!(desk.listed(&desk.portuguese, "approval_needed").await, ENGLISH, "whatever it was when it was written");
}

#[tokio::test]
async fn a_digest_and_a_letter_that_is_sent_again_tell_it_in_the_readers_language_too() {
    let desk = Desk::new().await;
    let digest = json!({"language": "pt", "digest_hour": 8, "channels": {"approval_needed": "digest"}});
    let path = "/v1/users/me/preferences";
    desk.app.call(&desk.portuguese.token, Method::PUT, path, &digest).await.expect(200);
    desk.ask().await;
    desk.send().await;

    sqlx::query("update notifications set created_at = created_at - interval '2 days' where channel = 'digest'")
        .execute(&desk.app.owner)
        .await
        .unwrap();
    let digest = desk.floor.job_about(desk.portuguese.id).await;
    desk.floor.ring_now(digest).await;
    let digest = desk.letters_to(&desk.portuguese).await;
    assert!(digest.iter().any(|text| text.contains(&format!("Motivo: {PORTUGUESE}"))), "{digest:?}");

    let list = desk.app.get(&desk.english.token, "/v1/notifications").await.expect(200);
    let letter = list["items"][0]["id"].as_str().unwrap();
    let resend = format!("/v1/notifications/{letter}/resend");
    desk.app.post(&desk.english.token, &resend, &json!({})).await.expect(202);
    desk.read(&desk.english, "pt").await;
    desk.send().await;
    let again = desk.letters_to(&desk.english).await;
    assert!(again.iter().any(|text| text.contains(&format!("Motivo: {PORTUGUESE}"))), "{again:?}");
}

#[tokio::test]
async fn a_row_that_is_older_than_grounds_is_told_as_it_stands() {
    let desk = Desk::new().await;
    let requisition = desk.ask().await;
    for sql in [
        "update notifications set grounds = null",
        "update requisitions set approval_grounds = null, waiting_for = 'supervisor'",
    ] {
        sqlx::query(sql).execute(&desk.app.owner).await.unwrap();
    }
    desk.send().await;

    assert_eq!(desk.listed(&desk.portuguese, "approval_needed").await, ENGLISH);
    let letters = desk.letters_to(&desk.portuguese).await;
    assert!(letters.iter().any(|text| text.contains(&format!("Motivo: {ENGLISH}"))), "{letters:?}");
    let path = format!("/v1/requisitions/{requisition}");
    let shown = desk.app.get(&desk.portuguese.token, &path).await.expect(200);
    assert_eq!(shown["approval_reason"], "no rule fits; it is as the model says");
}

#[tokio::test]
async fn what_kept_a_unit_from_going_out_is_told_with_snipeits_own_words_as_they_are() {
    let desk = Desk::new().await;
    desk.read(&desk.student, "pt").await;
    let unit = desk.floor.catalogue.units[3];
    let asked = desk.floor.given_requested_unit(unit).await;
    desk.floor.simulator.state().hands().check_out(unit.snipeit_asset_id.0, 2, Handover::Now).unwrap();
    desk.floor.work_until("it fails", async |f: &Floor| f.loan_status(asked.loan).await == "failed").await;
    desk.send().await;

    let failure = desk.floor.loan_failure(asked.loan).await.unwrap();
    let quoted = failure.split_once('“').unwrap().1.split_once('”').unwrap().0;
    let told = format!("a unidade não está disponível no inventário (Snipe-IT: «{quoted}»)");
    assert_eq!(desk.listed(&desk.student, "failed").await, told);
    let letters = desk.letters_to(&desk.student).await;
    assert!(letters.iter().any(|text| text.contains(&format!("Motivo: {told}"))), "{letters:?}");
    assert_eq!(failure, format!("the unit is not available in the inventory (Snipe-IT: “{quoted}”)"));
}
