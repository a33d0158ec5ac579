//! More time: granted by rule, or decided by somebody else than whoever asked.

use super::{a_loan_out, told};
use crate::api::{
    app::fields,
    given::{self, Lab, Person, id_of},
};
use axum::http::Method;
use chrono::{DateTime, Duration, Utc};
use makerlab_shared::domain::user::Role;
use serde_json::{Value, json};
use uuid::Uuid;

async fn extend(lab: &Lab, who: &Person, loan: Uuid, days_from_now: i64) -> crate::api::app::Reply {
    let body = json!({"due_at": Utc::now() + Duration::days(days_from_now), "reason": "The mast is late"});
    lab.app.post(&who.token, &format!("/v1/loans/{loan}/extend"), &body).await
}

async fn decide(lab: &Lab, who: &Person, loan: Uuid, word: &str, body: Value) -> crate::api::app::Reply {
    lab.app.post(&who.token, &format!("/v1/loans/{loan}/extension/{word}"), &body).await
}

fn due(requisition: &Value) -> DateTime<Utc> {
    requisition["loans"][0]["due_at"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn more_time_is_granted_at_once_where_nothing_speaks_against_it() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;

    let extended = extend(&lab, &lab.member, loan, 10).await.expect(200);

    assert!(due(&extended) > Utc::now() + Duration::days(9), "{extended}");
    let shown = &extended["loans"][0];
    assert_eq!((&shown["extensions"], &shown["extension_asked"]), (&json!(1), &json!(null)));
    assert_eq!(told(&lab, &lab.member.token, "extension_granted").await.len(), 1);
    assert!(told(&lab, &lab.technician.token, "extension_asked").await.is_empty());
    for kind in ["set_expected_checkin", "watch_return"] {
        assert_eq!(lab.app.count(&format!("jobs where kind = '{kind}' and subject_id = '{loan}'")).await, 1, "{kind}");
    }
    assert_eq!(lab.app.count("status_history where event = 'extension_granted' and reason = 'by rule'").await, 1);
}

#[tokio::test]
async fn a_leader_extends_for_a_member_and_nobody_else_does() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;

    let stranger = given::person(&lab.app, Role::Student).await;
    extend(&lab, &stranger, loan, 9).await.expect_problem(404, "not-found");
    extend(&lab, &lab.technician, loan, 9).await.expect_problem(403, "role-not-allowed");

    extend(&lab, &lab.leader, loan, 9).await.expect(200);
    assert_eq!(told(&lab, &lab.member.token, "extension_granted").await.len(), 1, "the borrower hears of it");
    assert!(told(&lab, &lab.leader.token, "extension_granted").await.is_empty(), "who was answered at once has heard");

    extend(&lab, &lab.leader, loan, 40).await.expect(200);
    decide(&lab, &lab.technician, loan, "reject", json!({"reason": "Too long"})).await.expect(200);
    for who in [&lab.member, &lab.leader] {
        assert_eq!(told(&lab, &who.token, "extension_rejected").await, [json!("Too long")]);
    }
}

#[tokio::test]
async fn beyond_the_labs_limits_a_technician_decides_and_the_loan_stays_due_until_then() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;
    extend(&lab, &lab.member, loan, 8).await.expect(200);
    extend(&lab, &lab.member, loan, 9).await.expect(200);

    let asked = extend(&lab, &lab.member, loan, 10).await.expect(200);

    assert!(due(&asked) < Utc::now() + Duration::days(9), "the third time it is no longer the rule's to say");
    assert_eq!(asked["loans"][0]["extension_asked"]["reason"], "The mast is late");
    let why = "it was extended as often as the lab allows by itself";
    assert_eq!(asked["loans"][0]["extension_asked"]["approval_reason"], why);
    let letters = told(&lab, &lab.technician.token, "extension_asked").await;
    assert_eq!(letters, [json!(format!("The mast is late; {why}"))]);
    let history = format!("status_history where event = 'extension_asked' and reason = '{why}'");
    assert_eq!(lab.app.count(&history).await, 1);
    let waiting = lab.app.get(&lab.technician.token, "/v1/loans?extension_asked=true").await.expect(200);
    assert_eq!(waiting["items"].as_array().unwrap().iter().map(id_of).collect::<Vec<_>>(), [loan]);
    extend(&lab, &lab.leader, loan, 11).await.expect_problem(409, "extension-asked-already");

    let granted = decide(&lab, &lab.technician, loan, "grant", json!({})).await.expect(200);
    assert!(due(&granted) > Utc::now() + Duration::days(9));
    assert_eq!(told(&lab, &lab.member.token, "extension_granted").await.len(), 3);
    decide(&lab, &lab.technician, loan, "grant", json!({})).await.expect_problem(409, "no-extension-asked");
}

#[tokio::test]
async fn more_days_than_the_lab_allows_are_asked_for_and_a_rejection_says_why() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;

    let asked = extend(&lab, &lab.member, loan, 7 + 15).await.expect(200);
    assert!(asked["loans"][0]["extension_asked"].is_object(), "{asked}");
    let reason = json!({"reason": "The exams need it"});
    let rejected = decide(&lab, &lab.technician, loan, "reject", reason).await.expect(200);

    assert!(due(&rejected) < Utc::now() + Duration::days(8));
    assert_eq!(rejected["loans"][0]["extension_asked"], json!(null));
    assert_eq!(told(&lab, &lab.member.token, "extension_rejected").await, [json!("The exams need it")]);
    assert_eq!(lab.app.count("status_history where reason like '%exams%'").await, 0, "words stay out of history");
    extend(&lab, &lab.member, loan, 10).await.expect(200);
}

#[tokio::test]
async fn nobody_decides_what_they_asked_for_or_hold_themselves() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;
    extend(&lab, &lab.member, loan, 40).await.expect(200);

    decide(&lab, &lab.member, loan, "grant", json!({})).await.expect_problem(403, "role-not-allowed");
    decide(&lab, &lab.leader, loan, "grant", json!({})).await.expect_problem(403, "role-not-allowed");
    for (column, table) in [("asked_by", "loan_extensions"), ("borrower_id", "loans")] {
        let sql = sqlx::AssertSqlSafe(format!("update {table} set {column} = $1"));
        sqlx::query(sql).bind(lab.technician.id).execute(&lab.app.owner).await.unwrap();
        decide(&lab, &lab.technician, loan, "grant", json!({})).await.expect_problem(403, "own-requisition");
    }
    decide(&lab, &lab.admin, loan, "grant", json!({})).await.expect(200);
}

#[tokio::test]
async fn a_unit_that_is_promised_to_somebody_else_by_then_is_not_extended_by_anybody() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(&lab, &model).await;
    given::checked_out(&lab, &requisition).await;
    let loan = id_of(&requisition["loans"][0]);
    extend(&lab, &lab.member, loan, 40).await.expect(200);
    sqlx::query(
        "insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at)
         select gen_random_uuid(), requisition_id, line_id, equipment_id, $1, 'promised', now() + interval '12 days',
                now() + interval '14 days'
         from loans",
    )
    .bind(lab.leader.id)
    .execute(&lab.app.owner)
    .await
    .unwrap();

    decide(&lab, &lab.technician, loan, "grant", json!({})).await.expect_problem(409, "unit-already-promised");
    decide(&lab, &lab.technician, loan, "reject", json!({"reason": "It is promised"})).await.expect(200);
    let problem = extend(&lab, &lab.member, loan, 13).await.expect_problem(409, "unit-already-promised");
    assert!(problem["detail"].as_str().unwrap().contains("bring it back by then"), "{problem}");
    extend(&lab, &lab.member, loan, 11).await.expect(200);
}

#[tokio::test]
async fn while_somebody_waits_for_such_a_unit_and_when_it_is_late_a_technician_decides() {
    let lab = given::a_lab().await;
    let (late, _) = a_loan_out(&lab).await;
    let (wanted, requisition) = a_loan_out(&lab).await;
    let model: Uuid = sqlx::query_scalar("select model_id from requisition_lines where requisition_id = $1")
        .bind(requisition)
        .fetch_one(&lab.app.owner)
        .await
        .unwrap();
    let path = format!("/v1/equipment-models/{model}");
    lab.app.call(&lab.admin.token, Method::PATCH, &path, &json!({"approval": "technician"})).await.expect(200);
    let body = given::requisition(lab.project, &given::Model { id: model, units: Vec::new() }, 1);
    let mut body = body;
    body["due_at"] = json!(Utc::now() + Duration::days(20));
    lab.app.post(&lab.leader.token, "/v1/requisitions", &body).await.expect(202);

    let asked = extend(&lab, &lab.member, wanted, 9).await.expect(200);
    assert!(asked["loans"][0]["extension_asked"].is_object(), "{asked}");
    decide(&lab, &lab.technician, wanted, "grant", json!({})).await.expect(200);

    lab.app.move_lab_clock(8).await;
    let asked = extend(&lab, &lab.member, late, 12).await.expect(200);
    assert!(asked["loans"][0]["extension_asked"].is_object(), "{asked}");
    for why in ["somebody waits for such a unit", "the unit is overdue"] {
        let told = format!("status_history where event = 'extension_asked' and reason = '{why}'");
        assert_eq!(lab.app.count(&told).await, 1, "{why}");
    }
}

#[tokio::test]
async fn a_date_that_makes_no_sense_and_a_unit_that_is_not_out_are_refused_with_the_reason() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;

    // The last lies before the first day of PostgreSQL's calendar.
    for days in [6, 400, -4_391_500] {
        let problem = extend(&lab, &lab.member, loan, days).await.expect_problem(422, "invalid-input");
        assert_eq!(fields(&problem), ["/due_at"], "{problem}");
    }
    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({})).await.expect(202);
    extend(&lab, &lab.member, loan, 9).await.expect_problem(409, "return-under-way");
    for sql in ["update operations set state = 'applied'", "update loans set status = 'returned'"] {
        sqlx::query(sql).execute(&lab.app.owner).await.unwrap();
    }
    extend(&lab, &lab.member, loan, 9).await.expect_problem(409, "not-lent");
    assert_eq!(lab.app.count("loan_extensions").await, 0);
}
