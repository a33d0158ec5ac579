//! Those who have not decided are reminded once for each stage, by the lab's clock.

mod lapse;

use super::{
    app::App,
    given::{self, Person},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use makerlab_shared::domain::{id::JobId, project::MemberRole, user::Role};
use makerlab_tests::floor::Floor;
use makerlab_worker::jobs::Ran;
use serde_json::{Value, json};
use uuid::Uuid;

/// A worker beside an api, and a requisition of the student's that waits for somebody.
struct Desk {
    floor: Floor,
    app: App,
    student: Person,
    technician: Person,
    admin: Person,
    requisition: Uuid,
}

impl Desk {
    /// It waits for a technician.
    async fn new() -> Self {
        let floor = Floor::new().await;
        let app = App::beside(&floor);
        let student = known(&app, floor.people.student.id).await;
        let technician = known(&app, floor.people.technician).await;
        let admin = given::person(&app, Role::Admin).await;
        let requisition = floor.given_pending(2).await.0;
        Self { floor, app, student, technician, admin, requisition }
    }

    /// It waits for a professor, who supervises the project.
    async fn supervised() -> (Self, Person) {
        let mut desk = Self::new().await;
        let professor = given::person(&desk.app, Role::Professor).await;
        let project = desk.floor.people.project.0;
        given::add_member(&desk.app, project, &desk.student, &professor, MemberRole::Supervisor).await;
        let rule = json!({"position": 1, "outcome": "supervisor_then_technician"});
        desk.app.post(&desk.admin.token, "/v1/approval-rules", &rule).await.expect(201);
        desk.say(&desk.student, "cancel").await;
        let body = json!({
            "project_id": project,
            "purpose": "Measure the motor driver",
            "due_at": Utc::now() + Duration::days(7),
            "lines": [{"model_id": desk.floor.people.model, "quantity": 2}],
        });
        let asked = desk.app.post(&desk.student.token, "/v1/requisitions", &body).await.expect(202);
        assert_eq!(asked["waiting_for"], "supervisor");
        desk.requisition = given::id_of(&asked);
        (desk, professor)
    }

    async fn say(&self, who: &Person, word: &str) {
        let body = if word == "reject" { json!({"reason": "Not in this course"}) } else { json!({}) };
        self.app.post(&who.token, &self.path(word), &body).await.expect(200);
    }

    fn path(&self, word: &str) -> String {
        format!("/v1/requisitions/{}/{word}", self.requisition)
    }

    /// Grants one of the two units of its only line, or rejects the line.
    async fn decide(&self, line: Value) {
        let body = json!({"decisions": [line]});
        self.app.post(&self.technician.token, &self.path("decide"), &body).await.expect(200);
    }

    async fn remind_after(&self, hours: i32) {
        let settings = self.app.get(&self.admin.token, "/v1/lab-settings").await;
        let etag = settings.headers["etag"].to_str().unwrap().to_owned();
        let request = super::app::request(Method::PATCH, "/v1/lab-settings", &self.admin.token)
            .header("if-match", etag)
            .header("content-type", "application/json")
            .body(json!({"remind_approvers_after_hours": hours}).to_string().into())
            .unwrap();
        self.app.send(request).await.expect(200);
    }

    /// Runs what is due after each of so many hours more.
    async fn pass(&self, hours: i32) {
        for _ in 0..hours {
            sqlx::query("select move_lab_clock(interval '1 hour')").execute(&self.app.owner).await.unwrap();
            for job in self.floor.due_jobs().await {
                self.floor.ring(job).await;
            }
        }
    }

    async fn reminders_to(&self, who: &Person) -> i64 {
        sqlx::query_scalar("select count(*) from notifications where event = 'approval_reminder' and recipient_id = $1")
            .bind(who.id)
            .fetch_one(&self.app.owner)
            .await
            .unwrap()
    }

    async fn reminder(&self) -> JobId {
        let found = sqlx::query_scalar("select id from jobs where kind = 'remind_approvers' and subject_id = $1");
        JobId(found.bind(self.requisition).fetch_one(&self.app.owner).await.unwrap())
    }
}

/// Somebody of the floor, with a token.
async fn known(app: &App, id: makerlab_shared::domain::id::UserId) -> Person {
    Person { id: id.0, token: given::token(app, id, Utc::now() + Duration::days(1)).await }
}

#[tokio::test]
async fn technicians_are_reminded_once_after_the_labs_hours_and_never_again() {
    let desk = Desk::new().await;
    desk.pass(23).await;
    assert_eq!(desk.reminders_to(&desk.technician).await, 0);

    desk.pass(1).await;
    assert_eq!(desk.reminders_to(&desk.technician).await, 1);
    desk.pass(30).await;

    assert_eq!(desk.reminders_to(&desk.technician).await, 1);
    assert_eq!(desk.reminders_to(&desk.student).await, 0);
    assert_eq!(desk.floor.count_open("remind_approvers").await, 1, "it is looked after until it is decided");
    let seen = desk.app.get(&desk.technician.token, &desk.path("")[..desk.path("").len() - 1]).await.expect(200);
    let told = seen["history"].as_array().unwrap().last().unwrap();
    assert_eq!((&told["event"], &told["actor"]["kind"]), (&json!("approvers_reminded"), &json!("system")));
    let letters = desk.floor.mailbox.messages();
    let about = |letter: &&makerlab_tests::mailbox::Message| {
        letter.header("subject").is_some_and(|subject| subject.contains("still waiting for a decision"))
    };
    assert_eq!(desk.reminders_to(&desk.admin).await, 1, "admins may decide it as well");
    assert_eq!(letters.iter().filter(about).count(), 2, "one letter left to each");
}

#[tokio::test]
async fn what_was_read_before_a_reminder_is_what_is_there_and_is_granted_by_its_version() {
    let desk = Desk::new().await;
    let path = desk.path("");
    let read = desk.app.get(&desk.technician.token, path.trim_end_matches('/')).await;
    let etag = read.headers["etag"].to_str().unwrap().to_owned();
    desk.pass(25).await;
    assert_eq!(desk.reminders_to(&desk.technician).await, 1);

    let approve = super::app::request(Method::POST, &desk.path("approve"), &desk.technician.token)
        .header("if-match", &etag)
        .header("content-type", "application/json")
        .body("{}".into())
        .unwrap();
    let approved = desk.app.send(approve).await;

    assert_ne!(approved.headers["etag"].to_str().unwrap(), etag, "it is decided now");
    approved.expect(200);
}

#[tokio::test]
async fn each_stage_is_reminded_of_once_and_only_those_who_decide_in_it() {
    let (desk, professor) = Desk::supervised().await;
    desk.pass(25).await;
    assert_eq!((desk.reminders_to(&professor).await, desk.reminders_to(&desk.technician).await), (1, 0));

    desk.say(&professor, "endorse").await;
    desk.pass(22).await;
    assert_eq!(desk.reminders_to(&desk.technician).await, 0, "their hours begin with the endorsement");
    desk.pass(3).await;

    assert_eq!((desk.reminders_to(&professor).await, desk.reminders_to(&desk.technician).await), (1, 1));
}

#[tokio::test]
async fn an_endorsement_before_the_hours_are_over_leaves_one_reminder_to_the_technicians() {
    let (desk, professor) = Desk::supervised().await;
    desk.pass(20).await;

    desk.say(&professor, "endorse").await;
    assert_eq!(desk.floor.count_open("remind_approvers").await, 1);
    desk.pass(26).await;

    assert_eq!((desk.reminders_to(&professor).await, desk.reminders_to(&desk.technician).await), (0, 1));
}

#[tokio::test]
async fn nobody_is_reminded_of_what_was_approved_rejected_or_cancelled() {
    for word in ["approve", "reject", "cancel"] {
        let desk = Desk::new().await;
        desk.pass(2).await;
        let who = if word == "cancel" { &desk.student } else { &desk.technician };

        desk.say(who, word).await;
        desk.pass(30).await;

        assert_eq!(desk.reminders_to(&desk.technician).await, 0, "{word}");
        assert_eq!(desk.floor.count_open("remind_approvers").await, 0, "{word}");
    }
}

#[tokio::test]
async fn a_reminder_that_has_not_left_when_it_is_decided_never_leaves() {
    let desk = Desk::new().await;
    sqlx::query("select move_lab_clock(interval '25 hours')").execute(&desk.app.owner).await.unwrap();
    desk.floor.ring(desk.reminder().await).await;
    assert_eq!(desk.reminders_to(&desk.technician).await, 1);

    desk.say(&desk.technician, "reject").await;

    let status: String = sqlx::query_scalar("select status from notifications where event = 'approval_reminder'")
        .fetch_one(&desk.app.owner)
        .await
        .unwrap();
    assert_eq!(status, "moot");
}

#[tokio::test]
async fn another_number_of_hours_counts_for_what_nobody_was_reminded_of_yet() {
    let desk = Desk::new().await;
    desk.remind_after(48).await;
    desk.pass(30).await;
    assert_eq!(desk.reminders_to(&desk.technician).await, 0);

    desk.remind_after(31).await;
    desk.pass(1).await;

    assert_eq!(desk.reminders_to(&desk.technician).await, 1);
}

#[tokio::test]
async fn a_second_delivery_reminds_nobody_twice() {
    let desk = Desk::new().await;
    sqlx::query("select move_lab_clock(interval '25 hours')").execute(&desk.app.owner).await.unwrap();
    let job = desk.reminder().await;
    assert_eq!(desk.floor.ring(job).await, Ran::Settled);
    assert_eq!(desk.reminders_to(&desk.technician).await, 1);

    desk.floor.ring_now(job).await;

    assert_eq!(desk.reminders_to(&desk.technician).await, 1);
}

#[tokio::test]
async fn what_is_left_after_a_partial_decision_has_hours_of_its_own() {
    let desk = Desk::new().await;
    let floor = &desk.floor;
    let body = json!({
        "project_id": floor.people.project,
        "purpose": "Measure the motor driver",
        "due_at": Utc::now() + Duration::days(7),
        "lines": [{"model_id": floor.people.model, "quantity": 1}, {"model_id": floor.people.model, "quantity": 1}],
    });
    desk.say(&desk.student, "cancel").await;
    let asked = desk.app.post(&desk.student.token, "/v1/requisitions", &body).await.expect(202);
    let desk = Desk { requisition: given::id_of(&asked), ..desk };
    desk.pass(20).await;

    desk.decide(json!({"line_id": asked["lines"][0]["id"], "decision": "reject", "reason": "One is enough"})).await;
    desk.pass(10).await;
    assert_eq!(desk.reminders_to(&desk.technician).await, 0);
    desk.pass(16).await;

    assert_eq!(desk.reminders_to(&desk.technician).await, 1);
}

#[tokio::test]
async fn whoever_stands_in_for_a_supervisor_is_reminded_beside_them() {
    let (desk, professor) = Desk::supervised().await;
    let deputy = given::person(&desk.app, Role::Professor).await;
    let body = json!({"user_id": deputy.id, "until": Utc::now() + Duration::days(7)});
    desk.app.call(&professor.token, Method::PUT, "/v1/users/me/deputy", &body).await.expect(200);

    desk.pass(25).await;

    assert_eq!((desk.reminders_to(&professor).await, desk.reminders_to(&deputy).await), (1, 1));
    assert_eq!(desk.reminders_to(&desk.technician).await, 0);
}
