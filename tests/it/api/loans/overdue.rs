//! Whoever keeps what is long overdue does not get more.

use super::a_loan_out;
use crate::api::{
    app::Reply,
    given::{self, Lab, Person},
};
use axum::http::Method;
use chrono::{Duration, Utc};
use serde_json::json;

async fn submit(lab: &Lab, who: &Person) -> Reply {
    let model = given::model(&lab.app, 1).await;
    let mut body = given::requisition(lab.project, &model, 1);
    body["due_at"] = json!(Utc::now() + Duration::days(60));
    lab.app.post(&who.token, "/v1/requisitions", &body).await
}

async fn set_patience(lab: &Lab, days: Option<i32>) {
    let sql = sqlx::query("update lab_settings set block_overdue_after_days = $1").bind(days);
    sql.execute(&lab.app.owner).await.unwrap();
}

#[tokio::test]
async fn a_unit_that_is_long_overdue_keeps_its_borrower_from_asking_for_more_and_is_named() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;

    lab.app.move_lab_clock(13).await;
    submit(&lab, &lab.member).await.expect(202);
    lab.app.move_lab_clock(2).await;
    let problem = submit(&lab, &lab.member).await.expect_problem(409, "overdue-loans");

    let units = problem["units_out"].as_array().unwrap();
    assert_eq!(units.len(), 1);
    assert_eq!(units[0]["loan_id"], json!(loan));
    assert!(problem["detail"].as_str().unwrap().contains(units[0]["tag"].as_str().unwrap()), "{problem}");
    submit(&lab, &lab.leader).await.expect(202);
    assert_eq!(lab.app.count("requisitions").await, 3, "nothing of what was refused is there");
}

#[tokio::test]
async fn a_lab_can_be_stricter_or_switch_the_rule_off() {
    let lab = given::a_lab().await;
    a_loan_out(&lab).await;
    lab.app.move_lab_clock(8).await;

    set_patience(&lab, Some(0)).await;
    submit(&lab, &lab.member).await.expect_problem(409, "overdue-loans");
    set_patience(&lab, None).await;
    submit(&lab, &lab.member).await.expect(202);
}

#[tokio::test]
async fn whoever_has_asked_for_the_return_is_blocked_no_longer() {
    let lab = given::a_lab().await;
    let (loan, _) = a_loan_out(&lab).await;
    lab.app.move_lab_clock(20).await;
    submit(&lab, &lab.member).await.expect_problem(409, "overdue-loans");

    lab.app.post(&lab.member.token, &format!("/v1/loans/{loan}/return"), &json!({})).await.expect(202);

    submit(&lab, &lab.member).await.expect(202);
}

#[tokio::test]
async fn a_technician_lets_it_pass_until_a_time_and_nobody_does_so_for_themselves() {
    let lab = given::a_lab().await;
    a_loan_out(&lab).await;
    lab.app.move_lab_clock(20).await;
    let path = format!("/v1/users/{}/overdue-excuse", lab.member.id);
    let until = json!({"until": Utc::now() + Duration::days(21)});

    lab.app.call(&lab.member.token, Method::PUT, &path, &until).await.expect_problem(403, "role-not-allowed");
    let past = json!({"until": Utc::now()});
    lab.app.call(&lab.technician.token, Method::PUT, &path, &past).await.expect_problem(422, "invalid-input");
    lab.app.call(&lab.technician.token, Method::PUT, &path, &until).await.expect(200);
    submit(&lab, &lab.member).await.expect(202);

    lab.app.move_lab_clock(2).await;
    submit(&lab, &lab.member).await.expect_problem(409, "overdue-loans");
    let own = format!("/v1/users/{}/overdue-excuse", lab.technician.id);
    lab.app.call(&lab.technician.token, Method::PUT, &own, &until).await.expect_problem(403, "own-requisition");
    assert_eq!(lab.app.count("status_history where event = 'overdue_excused'").await, 1);
}
