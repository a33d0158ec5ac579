//! A wish for more time that nobody has answered: another takes its place, and those who may answer are reminded.

mod taken_back;

use crate::api::{
    app::{App, Reply},
    given::{self, Person, id_of},
};
use chrono::{DateTime, Duration, SubsecRound, Utc};
use makerlab_shared::domain::{id::UserId, project::MemberRole, user::Role};
use makerlab_tests::floor::{Asked, Floor};
use serde_json::{Value, json};

/// A worker beside an api, and a unit that its student has for a week.
struct Desk {
    floor: Floor,
    app: App,
    student: Person,
    leader: Person,
    technician: Person,
    admin: Person,
    lent: Asked,
}

impl Desk {
    async fn new() -> Self {
        let floor = Floor::new().await;
        let app = App::beside(&floor);
        let lent = floor.given_checked_out().await;
        let [student, technician] = [floor.people.student.id, floor.people.technician];
        let (student, technician) = (known(&app, student).await, known(&app, technician).await);
        let admin = given::person(&app, Role::Admin).await;
        let leader = given::person(&app, Role::Student).await;
        given::add_member(&app, floor.people.project.0, &admin, &leader, MemberRole::Leader).await;
        Self { student, leader, technician, admin, lent, app, floor }
    }

    async fn wish(&self, who: &Person, days: i64) -> Reply {
        let due_at = (Utc::now() + Duration::days(days)).trunc_subsecs(0);
        let body = json!({"due_at": due_at, "reason": "The mast is late"});
        self.app.post(&who.token, &format!("/v1/loans/{}/extend", self.lent.loan), &body).await
    }

    async fn asked(&self, who: &Person, days: i64) -> Value {
        let requisition = self.wish(who, days).await.expect(200);
        let loans = requisition["loans"].as_array().unwrap().iter();
        let asked = loans.map(|loan| loan["extension_asked"].clone()).find(|asked| !asked.is_null());
        asked.unwrap_or_else(|| panic!("nothing waits: {requisition}"))
    }

    async fn grant(&self) -> Reply {
        let path = format!("/v1/loans/{}/extension/grant", self.lent.loan);
        self.app.post(&self.technician.token, &path, &json!({})).await
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

    async fn withdraw(&self, who: &Person) -> Reply {
        let path = format!("/v1/loans/{}/extension/withdraw", self.lent.loan);
        self.app.post(&who.token, &path, &json!({})).await
    }

    async fn count(&self, who: &Person, event: &str, status: &str) -> i64 {
        let rows = "select count(*) from notifications where recipient_id = $1 and event = $2 and status like $3";
        let count = sqlx::query_scalar(rows).bind(who.id).bind(event).bind(status);
        count.fetch_one(&self.app.owner).await.unwrap()
    }

    async fn reminders(&self) -> [i64; 4] {
        let mut counts = [0; 4];
        for (count, who) in counts.iter_mut().zip([&self.technician, &self.admin, &self.student, &self.leader]) {
            *count = self.count(who, "extension_reminder", "%").await;
        }
        counts
    }
}

/// Somebody of the floor, with a token.
async fn known(app: &App, id: UserId) -> Person {
    Person { id: id.0, token: given::token(app, id, Utc::now() + Duration::days(1)).await }
}

fn date(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn whoever_asked_asks_for_another_date_instead_and_those_who_decide_hear_of_that_one() {
    let desk = Desk::new().await;
    let first = desk.asked(&desk.student, 40).await;

    desk.wish(&desk.leader, 30).await.expect_problem(409, "extension-asked-already");
    let second = desk.asked(&desk.student, 30).await;

    assert!(date(&first["due_at"]) - date(&second["due_at"]) > Duration::days(9), "{second}");
    assert_eq!(desk.count(&desk.technician, "extension_asked", "moot").await, 1);
    assert_eq!(desk.count(&desk.technician, "extension_asked", "queued").await, 1);
    let path = format!("/v1/loans/{}/history", desk.lent.loan);
    let history = desk.app.get(&desk.technician.token, &path).await.expect(200);
    let rows = history["items"].as_array().unwrap();
    let withdrawn = rows.iter().find(|row| row["event"] == "extension_withdrawn").expect("it is told");
    let told = &withdrawn["changes"][0];
    assert_eq!(told["field"], "extension_asked.due_at");
    assert_eq!([date(&told["before"]), date(&told["after"])], [date(&first["due_at"]), date(&second["due_at"])]);
    let granted = desk.grant().await.expect(200);
    let loan = granted["loans"].as_array().unwrap().iter().find(|loan| id_of(loan) == desk.lent.loan.0).unwrap();
    assert_eq!(date(&loan["due_at"]), date(&second["due_at"]));
}

#[tokio::test]
async fn a_wish_that_the_rule_can_grant_ends_the_one_that_waits() {
    let desk = Desk::new().await;
    desk.asked(&desk.student, 40).await;

    let granted = desk.wish(&desk.student, 9).await.expect(200);

    let loan = granted["loans"].as_array().unwrap().iter().find(|loan| id_of(loan) == desk.lent.loan.0).unwrap();
    assert_eq!((&loan["extension_asked"], &loan["extensions"]), (&json!(null), &json!(1)));
    assert_eq!(desk.count(&desk.technician, "extension_asked", "queued").await, 0, "nobody need decide any more");
    desk.grant().await.expect_problem(409, "no-extension-asked");
}

#[tokio::test]
async fn once_the_wished_date_is_over_anybody_who_may_asks_for_another() {
    let desk = Desk::new().await;
    desk.asked(&desk.student, 40).await;
    sqlx::query("select move_lab_clock(interval '41 days')").execute(&desk.app.owner).await.unwrap();

    let asked = desk.asked(&desk.leader, 60).await;

    assert_eq!(asked["asked_by"], json!(desk.leader.id));
    assert_eq!(asked["approval_reason"], "the unit is overdue");
}

#[tokio::test]
async fn those_who_may_answer_a_wish_are_reminded_once_after_the_labs_hours() {
    let desk = Desk::new().await;
    desk.asked(&desk.student, 40).await;

    desk.pass(23).await;
    assert_eq!(desk.reminders().await, [0; 4]);
    desk.pass(1).await;
    assert_eq!(desk.reminders().await, [1, 1, 0, 0], "technicians and admins, and nobody else");
    desk.pass(26).await;

    assert_eq!(desk.reminders().await, [1, 1, 0, 0]);
    assert_eq!(desk.floor.count_open("remind_of_wish").await, 0);
    let told = "status_history where event = 'deciders_reminded' and entity = 'loan'";
    assert_eq!(desk.app.count(told).await, 1);
}

#[tokio::test]
async fn another_wish_has_hours_of_its_own_and_an_answer_ends_the_reminding() {
    let desk = Desk::new().await;
    desk.asked(&desk.student, 40).await;
    desk.pass(20).await;
    desk.asked(&desk.student, 30).await;
    desk.pass(20).await;
    assert_eq!(desk.reminders().await, [0; 4]);

    desk.grant().await.expect(200);
    desk.pass(26).await;

    assert_eq!(desk.reminders().await, [0; 4]);
    assert_eq!(desk.floor.count_open("remind_of_wish").await, 0);
}

#[tokio::test]
async fn why_somebody_must_decide_it_is_told_in_the_language_of_whoever_reads() {
    let desk = Desk::new().await;
    sqlx::query("update users set language = 'pt' where id = $1")
        .bind(desk.technician.id)
        .execute(&desk.app.owner)
        .await
        .unwrap();

    let asked = desk.asked(&desk.student, 40).await;

    let english = "it would be extended by more days than the lab allows by itself";
    assert_eq!(asked["approval_reason"], english);
    let listed = desk.app.get(&desk.technician.token, "/v1/notifications").await.expect(200);
    let told = listed["items"].as_array().unwrap().iter().find(|item| item["event"] == "extension_asked").unwrap();
    let portuguese = "seria prolongado por mais dias do que o laboratório concede por si";
    assert_eq!(told["message"], json!(format!("The mast is late; {portuguese}")));
}
