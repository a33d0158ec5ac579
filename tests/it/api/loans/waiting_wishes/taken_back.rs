//! A wish for more time is taken back before anybody has answered it.

use super::{Desk, date};
use crate::api::given::{self, id_of};
use chrono::{DateTime, Utc};
use makerlab_shared::domain::{project::MemberRole, user::Role};
use serde_json::{Value, json};

impl Desk {
    fn loan<'a>(&self, requisition: &'a Value) -> &'a Value {
        let mut loans = requisition["loans"].as_array().unwrap().iter();
        loans.find(|loan| id_of(loan) == self.lent.loan.0).unwrap()
    }

    async fn due(&self) -> DateTime<Utc> {
        self.floor.dossier(self.lent.requisition).await.find_loan(self.lent.loan).unwrap().period.due_at
    }
}

#[tokio::test]
async fn the_borrower_takes_a_wish_back_and_the_unit_stays_due_when_it_was() {
    let desk = Desk::new().await;
    let due = desk.due().await;
    let asked = desk.asked(&desk.student, 40).await;

    let answer = desk.withdraw(&desk.student).await.expect(200);

    let loan = desk.loan(&answer);
    assert_eq!(
        (&loan["extension_asked"], &loan["extensions"], &loan["status"]),
        (&json!(null), &json!(0), &json!("checked_out"))
    );
    assert_eq!(desk.due().await, due);
    let history = desk.app.get(&desk.student.token, &format!("/v1/loans/{}/history", desk.lent.loan)).await.expect(200);
    let newest = &history["items"][0];
    assert_eq!((&newest["event"], &newest["actor"]["id"]), (&json!("extension_withdrawn"), &json!(desk.student.id)));
    let told = &newest["changes"][0];
    assert_eq!((&told["field"], &told["after"]), (&json!("extension_asked.due_at"), &json!(null)));
    assert_eq!(date(&told["before"]), date(&asked["due_at"]));
}

#[tokio::test]
async fn nobody_is_asked_or_reminded_to_decide_what_was_taken_back() {
    let desk = Desk::new().await;
    desk.asked(&desk.student, 40).await;

    desk.withdraw(&desk.student).await.expect(200);

    assert_eq!(desk.count(&desk.technician, "extension_asked", "moot").await, 1);
    assert_eq!(desk.count(&desk.technician, "extension_asked", "queued").await, 0);
    let waiting = desk.app.get(&desk.technician.token, "/v1/loans?extension_asked=true").await.expect(200);
    assert_eq!(waiting["items"], json!([]));
    desk.grant().await.expect_problem(409, "no-extension-asked");
    desk.pass(26).await;
    assert_eq!(desk.reminders().await, [0; 4]);
    assert_eq!(desk.floor.count_open("remind_of_wish").await, 0);
}

#[tokio::test]
async fn a_reminder_that_has_not_left_yet_is_moot_once_the_wish_is_taken_back() {
    let desk = Desk::new().await;
    desk.asked(&desk.student, 40).await;
    let in_digest = "insert into channel_choices (user_id, event, channel) values ($1, 'extension_reminder', 'digest')";
    sqlx::query(in_digest).bind(desk.technician.id).execute(&desk.app.owner).await.unwrap();
    desk.pass(24).await;
    assert_eq!(desk.count(&desk.technician, "extension_reminder", "queued").await, 1);

    desk.withdraw(&desk.student).await.expect(200);

    assert_eq!(desk.count(&desk.technician, "extension_reminder", "moot").await, 1);
}

#[tokio::test]
async fn a_leader_takes_it_back_as_well_and_then_asks_anew_and_nobody_else_does() {
    let desk = Desk::new().await;
    desk.asked(&desk.student, 40).await;
    let observer = given::person(&desk.app, Role::Student).await;
    let project = desk.floor.people.project.0;
    given::add_member(&desk.app, project, &desk.admin, &observer, MemberRole::Observer).await;
    let stranger = given::person(&desk.app, Role::Student).await;

    desk.withdraw(&stranger).await.expect_problem(404, "not-found");
    desk.withdraw(&desk.technician).await.expect_problem(403, "role-not-allowed");
    desk.withdraw(&observer).await.expect_problem(403, "member-role-not-allowed");
    desk.withdraw(&desk.leader).await.expect(200);

    let asked = desk.asked(&desk.leader, 30).await;
    assert_eq!(asked["asked_by"], json!(desk.leader.id));
}

#[tokio::test]
async fn what_nobody_asked_for_or_what_was_answered_already_cannot_be_taken_back() {
    let desk = Desk::new().await;
    desk.withdraw(&desk.student).await.expect_problem(409, "no-extension-asked");
    desk.asked(&desk.student, 40).await;
    desk.grant().await.expect(200);

    desk.withdraw(&desk.student).await.expect_problem(409, "no-extension-asked");

    desk.asked(&desk.student, 50).await;
    desk.withdraw(&desk.student).await.expect(200);
    desk.withdraw(&desk.student).await.expect_problem(409, "no-extension-asked");
}
