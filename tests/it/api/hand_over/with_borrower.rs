//! What was handed over is with its borrower, whatever Snipe-IT makes of it: it is due, late, waited for and extended like
//! all that is out.

use super::{counter_model, given, hand_over, kept, snipeit::Desk};
use crate::api::given::{Lab, id_of};
use axum::http::Method;
use chrono::{DateTime, Duration, Utc};
use makerlab_shared::domain::{
    id::{JobId, UserId},
    lab_day,
};
use makerlab_tests::floor::Floor;
use serde_json::{Value, json};
use uuid::Uuid;

impl Desk {
    /// Refused by Snipe-IT, and left as it is.
    async fn stays_refused(&self) {
        let finding = self.is_refused().await;
        self.settle(finding, "acknowledged").await.expect(200);
    }

    async fn watch(&self) -> Option<JobId> {
        let open = "select id from jobs where kind = 'watch_return' and state = 'open' and subject_id = $1";
        sqlx::query_scalar(open).bind(self.loan.0).fetch_optional(&self.floor.pool).await.unwrap().map(JobId)
    }

    /// Lets time pass until the watch looks again, and looks. `false`: there is no watch any more.
    async fn next_look(&self) -> bool {
        let Some(job) = self.watch().await else { return false };
        self.floor.database.move_lab_clock_to(job.0).await;
        self.floor.ring(job).await;
        true
    }

    /// What somebody was told of this loan's due date.
    async fn told(&self, reader: UserId) -> Vec<String> {
        let told = sqlx::query_scalar(
            "select event from notifications
             where subject_id = $1 and recipient_id = $2 and event in ('return_due', 'overdue', 'overdue_escalated')
             order by created_at, id",
        );
        told.bind(self.loan.0).bind(reader.0).fetch_all(&self.floor.pool).await.unwrap()
    }

    async fn extend(&self, days_from_now: i64) -> Value {
        let token = given::token(&self.app, self.floor.people.student.id, Utc::now() + Duration::days(1)).await;
        let body = json!({"due_at": Utc::now() + Duration::days(days_from_now)});
        self.app.post(&token, &format!("/v1/loans/{}/extend", self.loan), &body).await.expect(200)
    }
}

/// At midnight a step of a day comes before the hour at which the unit is due.
async fn everybody_hears_at_midnight(floor: &Floor) {
    sqlx::query("update users set digest_hour = 0").execute(&floor.pool).await.unwrap();
}

/// A unit in the member's hands, whose check-out waits.
async fn handed_over(lab: &Lab) -> Value {
    let model = counter_model(lab, 1).await;
    let requisition = kept(lab, &model, 1).await;
    let units = json!([{"equipment_id": model.units[0]}]);
    hand_over(&lab.app, &lab.technician, id_of(&requisition), units).await.expect(202)
}

#[tokio::test]
async fn a_unit_that_snipeit_never_checks_out_is_told_of_step_by_step_as_all_that_is_out() {
    let desk = Desk::new().await;
    everybody_hears_at_midnight(&desk.floor).await;
    desk.stays_refused().await;

    while desk.next_look().await {}

    let borrower = desk.told(desk.floor.people.student.id).await;
    assert_eq!(borrower, ["return_due", "return_due", "return_due", "overdue", "overdue", "overdue", "overdue"]);
    assert_eq!(desk.told(desk.floor.people.technician).await, ["overdue_escalated"; 3]);
    assert_eq!(desk.floor.loan_status(desk.loan).await, "handed_over");
}

#[tokio::test]
async fn while_its_check_out_waits_it_is_told_of_once_a_step_and_never_after_the_return() {
    let desk = Desk::new().await;
    everybody_hears_at_midnight(&desk.floor).await;
    let watch = desk.watch().await.expect("the watch begins with the hand-over");
    desk.floor.database.move_lab_clock(8).await;

    desk.floor.ring(watch).await;
    desk.floor.take_over(watch).await;
    desk.floor.ring_now(watch).await;
    assert_eq!(desk.told(desk.floor.people.student.id).await, ["overdue"]);
    desk.give_back().await;
    desk.floor.database.move_lab_clock(10).await;
    desk.floor.ring_now(watch).await;

    assert_eq!(desk.told(desk.floor.people.student.id).await, ["overdue"]);
    assert_eq!(desk.watch().await, None);
}

#[tokio::test]
async fn the_check_out_that_follows_begins_no_second_watch_and_tells_no_step_again() {
    let desk = Desk::new().await;
    everybody_hears_at_midnight(&desk.floor).await;
    desk.next_look().await;
    desk.next_look().await;
    assert_eq!(desk.told(desk.floor.people.student.id).await, ["return_due"]);
    let told = "select watched_since, told_step from loans where id = $1";
    let before: (DateTime<Utc>, i16) =
        sqlx::query_as(told).bind(desk.loan.0).fetch_one(&desk.floor.pool).await.unwrap();

    desk.comes_to("checked_out").await;

    let after: (DateTime<Utc>, i16) = sqlx::query_as(told).bind(desk.loan.0).fetch_one(&desk.floor.pool).await.unwrap();
    assert_eq!(after, before);
    while desk.next_look().await {}
    assert_eq!(desk.told(desk.floor.people.student.id).await.len(), 7);
}

#[tokio::test]
async fn more_time_is_granted_while_its_check_out_waits_and_snipeit_expects_it_on_the_new_day() {
    let desk = Desk::new().await;

    let extended = desk.extend(10).await;

    assert_eq!(extended["loans"][0]["status"], "handed_over");
    let job: Uuid = sqlx::query_scalar("select id from jobs where kind = 'set_expected_checkin' and state = 'open'")
        .fetch_one(&desk.floor.pool)
        .await
        .unwrap();
    desk.floor.ring(JobId(job)).await;
    let waits: String = sqlx::query_scalar("select waiting_reason from jobs where id = $1")
        .bind(job)
        .fetch_one(&desk.floor.pool)
        .await
        .unwrap();
    assert_eq!(waits, "its check-out is under way");
    desk.comes_to("checked_out").await;
    let due: DateTime<Utc> = extended["loans"][0]["due_at"].as_str().unwrap().parse().unwrap();
    let day = lab_day::expected_day(due, desk.floor.worker.zones.lab_timezone);
    let expected = desk.floor.simulator.state().inventory().find_asset(desk.asset.0).unwrap().expected_checkin;
    assert_eq!(expected, Some(day), "the loan's day, not the requisition's");
    desk.floor.ring_now(JobId(job)).await;
    let outcome: String = sqlx::query_scalar("select outcome from jobs where id = $1")
        .bind(job)
        .fetch_one(&desk.floor.pool)
        .await
        .unwrap();
    assert_eq!(outcome, "shown_already");
}

#[tokio::test]
async fn what_snipeit_refused_is_extended_until_somebody_has_brought_it_back() {
    let desk = Desk::new().await;
    desk.stays_refused().await;

    assert_eq!(desk.extend(10).await["loans"][0]["extensions"], 1);

    desk.give_back().await;
    let token = given::token(&desk.app, desk.floor.people.student.id, Utc::now() + Duration::days(1)).await;
    let body = json!({"due_at": Utc::now() + Duration::days(12)});
    let path = format!("/v1/loans/{}/extend", desk.loan);
    desk.app.post(&token, &path, &body).await.expect_problem(409, "not-lent");
}

#[tokio::test]
async fn a_technician_decides_on_a_wish_for_what_is_handed_over() {
    let lab = given::a_lab().await;
    let handed = handed_over(&lab).await;
    let loan = id_of(&handed["loans"][0]);
    let body = json!({"due_at": Utc::now() + Duration::days(200)});
    let asked = lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/extend"), &body).await.expect(200);
    assert!(asked["loans"][0]["extension_asked"].is_object(), "{asked}");
    let listed = lab.app.get(&lab.technician.token, "/v1/loans?extension_asked=true").await.expect(200);
    assert_eq!(listed["items"][0]["id"], json!(loan));

    let path = format!("/v1/loans/{loan}/extension/grant");
    let granted = lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(200);

    let shown = &granted["loans"][0];
    assert_eq!((&shown["status"], &shown["extensions"]), (&json!("handed_over"), &json!(1)));
}

#[tokio::test]
async fn whoever_keeps_it_too_long_cannot_submit_though_its_check_out_still_waits() {
    let lab = given::a_lab().await;
    let handed = handed_over(&lab).await;
    lab.app.move_lab_clock(22).await;
    let model = given::model(&lab.app, 1).await;
    let mut body = given::requisition(lab.project, &model, 1);
    body["due_at"] = json!(Utc::now() + Duration::days(60));

    let refused = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await;

    let problem = refused.expect_problem(409, "overdue-loans");
    assert_eq!(problem["units_out"][0]["loan_id"], handed["loans"][0]["id"]);
    let path = format!("/v1/loans/{}/return", id_of(&handed["loans"][0]));
    lab.app.post(&lab.technician.token, &path, &json!({})).await.expect(202);
    lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
}

#[tokio::test]
async fn the_queue_of_those_who_decide_says_that_it_is_overdue() {
    let lab = given::a_lab().await;
    let (model, other) = (counter_model(&lab, 1).await, given::model(&lab.app, 1).await);
    let path = format!("/v1/equipment-models/{}", model.id);
    let rules = json!({"approval": "technician"});
    lab.app.call(&lab.admin.token, Method::PATCH, &path, &rules).await.expect(200);
    let mut body = given::requisition(lab.project, &model, 1);
    body["lines"] = json!([{"model_id": model.id, "quantity": 1}, {"model_id": other.id, "quantity": 1}]);
    let requisition = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    let path = format!("/v1/requisitions/{}/decide", id_of(&requisition));
    let first = json!({"decisions": [{"line_id": requisition["lines"][0]["id"], "decision": "approve"}]});
    lab.app.post(&lab.technician.token, &path, &first).await.expect(200);
    let units = json!([{"equipment_id": model.units[0]}]);
    hand_over(&lab.app, &lab.technician, id_of(&requisition), units).await.expect(202);
    let overdue = async || {
        let queue = lab.app.get(&lab.technician.token, "/v1/requisitions?waiting_for=technician").await.expect(200);
        assert_eq!(queue["items"][0]["id"], requisition["id"], "{queue}");
        queue["items"][0]["is_overdue"].clone()
    };
    assert_eq!(overdue().await, json!(false));

    lab.app.move_lab_clock(8).await;

    assert_eq!(overdue().await, json!(true));
}

#[tokio::test]
async fn what_was_handed_over_before_there_was_a_watch_over_it_is_caught_up_with() {
    let desk = Desk::new().await;
    everybody_hears_at_midnight(&desk.floor).await;
    desk.stays_refused().await;
    for sql in [
        "update loans set watched_since = null where status = 'handed_over'",
        "update jobs set state = 'done', outcome = 'not_out', finished_at = now() where kind = 'watch_return'",
    ] {
        sqlx::query(sql).execute(&desk.floor.pool).await.unwrap();
    }
    desk.floor.database.move_lab_clock(11).await;
    let migration = include_str!("../../../../migrations/0085_out.sql");
    let (_, catches_up) = migration.split_once("-- What was handed over").unwrap();
    let catches_up = format!("-- {catches_up}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(catches_up)).execute(&desk.app.owner).await.unwrap();

    desk.floor.ring(desk.watch().await.expect("a watch")).await;

    assert_eq!(desk.told(desk.floor.people.student.id).await, ["overdue"], "the latest of what was missed");
}
