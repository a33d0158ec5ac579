//! What nobody has decided when its period is over waits no longer.

use super::*;

impl Desk {
    /// The week that is asked for is over.
    async fn let_the_period_pass(&self) {
        sqlx::query("select move_lab_clock(interval '8 days')").execute(&self.app.owner).await.unwrap();
        self.floor.ring(self.reminder().await).await;
    }

    async fn seen(&self) -> Value {
        self.app.get(&self.student.token, &format!("/v1/requisitions/{}", self.requisition)).await.expect(200)
    }

    /// What became of the letters about it with this event.
    async fn letters(&self, event: &str) -> Vec<String> {
        let status = "select status from notifications where event = $1 and requisition_id = $2 order by id";
        sqlx::query_scalar(status).bind(event).bind(self.requisition).fetch_all(&self.app.owner).await.unwrap()
    }

    async fn queue(&self) -> usize {
        let path = "/v1/requisitions?waiting_for=technician";
        let listed = self.app.get(&self.technician.token, path).await.expect(200);
        listed["items"].as_array().unwrap().len()
    }

    async fn used_of_quota(&self) -> Value {
        let path = format!("/v1/projects/{}/quotas", self.floor.people.project);
        self.app.get(&self.student.token, &path).await.expect(200)[0]["used"].clone()
    }
}

#[tokio::test]
async fn what_nobody_has_decided_when_its_period_is_over_ends_and_whoever_asked_hears_why() {
    let desk = Desk::new().await;

    desk.let_the_period_pass().await;

    let seen = desk.seen().await;
    assert_eq!((&seen["status"], &seen["waiting_for"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(seen["lines"][0]["status"], "lapsed");
    let told = seen["history"].as_array().unwrap().iter().find(|row| row["event"] == "lapsed").unwrap();
    assert_eq!(
        (&told["actor"]["kind"], &told["reason"]),
        (&json!("system"), &json!("its period passed without a decision"))
    );
    let why: Vec<(Uuid, String)> =
        sqlx::query_as("select recipient_id, message from notifications where event = 'period_over'")
            .fetch_all(&desk.app.owner)
            .await
            .unwrap();
    assert_eq!(why, [(desk.student.id, "nobody decided in time".to_owned())]);
    assert_eq!(desk.floor.count_open("remind_approvers").await, 0);
}

#[tokio::test]
async fn it_stands_in_no_queue_counts_in_no_quota_and_keeps_no_project_open() {
    let desk = Desk::new().await;
    let quota = json!({"scope": "project", "measure": "units_out", "most": 5});
    desk.app.post(&desk.admin.token, "/v1/quotas", &quota).await.expect(201);
    assert_eq!((desk.queue().await, desk.used_of_quota().await), (1, json!(2)));

    desk.let_the_period_pass().await;

    assert_eq!((desk.queue().await, desk.used_of_quota().await), (0, json!(0)));
    let complete = format!("/v1/projects/{}/complete", desk.floor.people.project);
    desk.app.post(&desk.student.token, &complete, &json!({})).await.expect(200);
}

#[tokio::test]
async fn those_who_were_to_decide_it_are_not_asked_any_more() {
    let desk = Desk::new().await;
    sqlx::query("select move_lab_clock(interval '25 hours')").execute(&desk.app.owner).await.unwrap();
    desk.floor.ring(desk.reminder().await).await;

    desk.let_the_period_pass().await;

    for event in ["approval_needed", "approval_reminder"] {
        let letters = desk.letters(event).await;
        assert!(!letters.is_empty() && letters.iter().all(|status| status == "moot"), "{event}: {letters:?}");
    }
}

#[tokio::test]
async fn what_was_decided_before_stays_decided_and_nothing_more_can_be_decided() {
    let desk = Desk::new().await;
    let floor = &desk.floor;
    let body = json!({
        "project_id": floor.people.project,
        "purpose": "Measure the motor driver",
        "due_at": Utc::now() + Duration::days(7),
        "lines": [{"model_id": floor.people.model, "quantity": 1}, {"model_id": floor.people.model, "quantity": 1}],
    });
    let asked = desk.app.post(&desk.student.token, "/v1/requisitions", &body).await.expect(202);
    let desk = Desk { requisition: given::id_of(&asked), ..desk };
    desk.decide(json!({"line_id": asked["lines"][0]["id"], "decision": "reject", "reason": "One is enough"})).await;

    desk.let_the_period_pass().await;

    let seen = desk.seen().await;
    assert_eq!([&seen["lines"][0]["status"], &seen["lines"][1]["status"]], ["rejected", "lapsed"]);
    let late = json!({"reason": "Not in this course"});
    let refused = desk.app.post(&desk.technician.token, &desk.path("reject"), &late).await;
    assert_eq!(refused.status, 409);
}

#[tokio::test]
async fn a_report_tells_it_by_itself() {
    let desk = Desk::new().await;
    desk.let_the_period_pass().await;

    let today = Utc::now().date_naive();
    let (from, to) = (today - chrono::Days::new(2), today + chrono::Days::new(30));
    let path = format!("/v1/reports/lab?from={from}&to={to}");
    let report = desk.app.get(&desk.technician.token, &path).await.expect(200);

    let of = |rows: &Value, number: &str| {
        rows.as_array().unwrap().iter().find(|row| row["outcome"] == "lapsed").unwrap()[number].clone()
    };
    assert_eq!(of(&report["requisitions"]["by_outcome"], "requisitions"), 1);
    assert_eq!(of(&report["requisitions"]["lines_by_outcome"], "lines"), 1);
}
