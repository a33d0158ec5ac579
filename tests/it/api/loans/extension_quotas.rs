//! More time that goes over a quota of days is an exception, as what is asked for at first is.

use super::{a_loan_out, told};
use crate::api::given::{self, Lab};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// The member's loan of seven days, and a quota of ten.
async fn of_seven_days(scope: &str) -> (Lab, Uuid, Uuid) {
    let lab = given::a_lab().await;
    let quota = json!({"scope": scope, "measure": "loan_days", "most": 10});
    let quota = given::id_of(&lab.app.post(&lab.admin.token, "/v1/quotas", &quota).await.expect(201));
    let (loan, _) = a_loan_out(&lab).await;
    (lab, loan, quota)
}

async fn extend(lab: &Lab, loan: Uuid, days: i64) -> Value {
    let begun: DateTime<Utc> = sqlx::query_scalar("select starts_at from loans where id = $1")
        .bind(loan)
        .fetch_one(&lab.app.owner)
        .await
        .unwrap();
    let body = json!({"due_at": begun + Duration::days(days), "reason": "The mast is late"});
    let extended = lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/extend"), &body).await.expect(200);
    extended["loans"][0].clone()
}

async fn decide(lab: &Lab, loan: Uuid, word: &str, body: Value) {
    let path = format!("/v1/loans/{loan}/extension/{word}");
    lab.app.post(&lab.technician.token, &path, &body).await.expect(200);
}

async fn used_and_left(lab: &Lab, scope: &str) -> Value {
    let path = match scope {
        "person" => "/v1/users/me/quotas".to_owned(),
        _ => format!("/v1/projects/{}/quotas", lab.project),
    };
    let standings = lab.app.get(&lab.member.token, &path).await.expect(200);
    json!([standings[0]["used"], standings[0]["left"]])
}

#[tokio::test]
async fn days_within_the_quota_are_granted_by_rule_and_days_over_it_by_a_technician_who_reads_which_quota_it_is() {
    for scope in ["person", "project"] {
        let (lab, loan, quota) = of_seven_days(scope).await;
        assert_eq!(extend(&lab, loan, 9).await["extension_asked"], json!(null));
        assert_eq!(used_and_left(&lab, scope).await, json!([9, 1]));

        let asked = extend(&lab, loan, 12).await["extension_asked"].clone();

        let exception = json!({
            "quota_id": quota, "scope": scope, "category": null, "measure": "loan_days", "most": 10, "used": 9, "asked": 3,
        });
        assert_eq!(asked["exceptions"], json!([exception]));
        let listed = lab.app.get(&lab.technician.token, "/v1/loans?extension_asked=true").await.expect(200);
        assert_eq!(listed["items"][0]["extension_asked"]["exceptions"], json!([exception]));
        let over = format!("loan_days of a {scope}: 9 of 10 used, 3 asked for");
        let letters = told(&lab, &lab.technician.token, "extension_asked").await;
        assert_eq!(letters, [json!(format!("The mast is late; a quota would be gone over; {over}"))]);
        let why = format!("a quota would be gone over; {over}");
        let history = format!("status_history where event = 'extension_asked' and reason = '{why}'");
        assert_eq!(lab.app.count(&history).await, 1);
        assert_eq!(used_and_left(&lab, scope).await, json!([12, 0]), "what waits counts");

        decide(&lab, loan, "grant", json!({})).await;
        assert_eq!(used_and_left(&lab, scope).await, json!([12, 0]));
    }
}

#[tokio::test]
async fn what_is_rejected_is_left_again_and_what_waits_is_room_for_nobody() {
    let (lab, loan, _) = of_seven_days("project").await;
    extend(&lab, loan, 30).await;
    assert_eq!(used_and_left(&lab, "project").await, json!([30, 0]));
    let (model, body) = (given::free_model(&lab.app, 1, &lab.admin).await, Utc::now() + Duration::hours(20));
    let mut short = given::requisition(lab.project, &model, 1);
    short["due_at"] = json!(body);
    let over = lab.app.post(&lab.leader.token, "/v1/requisitions", &short).await.expect(202);
    assert_eq!(over["exceptions"][0]["used"], 30);
    let cancel = format!("/v1/requisitions/{}/cancel", given::id_of(&over));
    lab.app.post(&lab.leader.token, &cancel, &json!({})).await.expect(200);

    decide(&lab, loan, "reject", json!({"reason": "The exams need it"})).await;

    assert_eq!(used_and_left(&lab, "project").await, json!([7, 3]));
    assert_eq!(extend(&lab, loan, 10).await["extension_asked"], json!(null));
    assert_eq!(used_and_left(&lab, "project").await, json!([10, 0]));
}

#[tokio::test]
async fn other_grounds_come_first_and_the_quota_is_named_all_the_same() {
    let (lab, loan, _) = of_seven_days("person").await;
    lab.app.move_lab_clock(8).await;

    let asked = extend(&lab, loan, 20).await["extension_asked"].clone();

    // It is a day late, and that day counts already.
    assert_eq!((&asked["exceptions"][0]["used"], &asked["exceptions"][0]["asked"]), (&json!(8), &json!(12)));
    let told = "status_history where reason like 'the unit is overdue; loan_days of a person: 8 of 10 used%'";
    assert_eq!(lab.app.count(told).await, 1);
}

#[tokio::test]
async fn a_wish_that_takes_the_place_of_another_is_measured_as_if_that_one_were_not_there() {
    let (lab, loan, _) = of_seven_days("project").await;
    extend(&lab, loan, 30).await;

    let less = extend(&lab, loan, 12).await["extension_asked"].clone();
    assert_eq!((&less["exceptions"][0]["used"], &less["exceptions"][0]["asked"]), (&json!(7), &json!(5)));
    assert_eq!(used_and_left(&lab, "project").await, json!([12, 0]));

    assert_eq!(extend(&lab, loan, 10).await["extension_asked"], json!(null), "it fits");
    assert_eq!(used_and_left(&lab, "project").await, json!([10, 0]));
}

#[tokio::test]
async fn what_is_late_goes_on_counting_its_days() {
    let (lab, loan, _) = of_seven_days("project").await;
    assert_eq!(used_and_left(&lab, "project").await, json!([7, 3]));

    lab.app.move_lab_clock(20).await;
    assert_eq!(used_and_left(&lab, "project").await, json!([20, 0]));
    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({})).await.expect(202);

    assert_eq!(used_and_left(&lab, "project").await, json!([20, 0]));
}
