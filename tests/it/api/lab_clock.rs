//! The lab's clock can be moved ahead by whoever owns the tables: loans follow it, jobs of the moment do not.

use super::given::{self, id_of};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

/// When the jobs about a subject are due, in real time.
async fn due(lab: &given::Lab, subject: Uuid) -> DateTime<Utc> {
    let query = sqlx::query_scalar("select due_at from jobs where subject_id = $1").bind(subject);
    query.fetch_one(&lab.app.owner).await.unwrap()
}

#[tokio::test]
async fn a_check_out_of_next_month_becomes_due_when_the_lab_clock_is_moved_there_and_letters_stay_as_they_were() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let mut body = given::requisition(lab.project, &model, 1);
    body["starts_at"] = json!(Utc::now() + Duration::days(30));
    body["due_at"] = json!(Utc::now() + Duration::days(37));
    let requisition = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);
    let operation = id_of(&requisition["operations"][0]);
    let letter: Uuid = sqlx::query_scalar("select id from notifications where event = 'submitted'")
        .fetch_one(&lab.app.owner)
        .await
        .unwrap();
    let (check_out_before, letter_before) = (due(&lab, operation).await, due(&lab, letter).await);
    assert!(check_out_before > Utc::now() + Duration::days(29));

    lab.app.move_lab_clock(30).await;

    assert_eq!(due(&lab, operation).await, check_out_before - Duration::days(30));
    assert_eq!(due(&lab, letter).await, letter_before);
}

#[tokio::test]
async fn what_is_asked_for_after_the_clock_was_moved_goes_by_the_moved_clock() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;
    lab.app.move_lab_clock(60).await;

    let past = given::requisition(lab.project, &model, 1);
    let problem = lab.app.post(&lab.member.token, "/v1/requisitions", &past).await.expect_problem(422, "invalid-input");
    assert!(problem["detail"].as_str().unwrap().contains("in the past"), "{problem}");
    let mut body = past.clone();
    body["due_at"] = json!(Utc::now() + Duration::days(67));
    let requisition = lab.app.post(&lab.member.token, "/v1/requisitions", &body).await.expect(202);

    let starts_at: DateTime<Utc> = requisition["starts_at"].as_str().unwrap().parse().unwrap();
    let history_at: DateTime<Utc> = requisition["history"][0]["at"].as_str().unwrap().parse().unwrap();
    for at in [starts_at, history_at] {
        assert!(at > Utc::now() + Duration::days(59) && at < Utc::now() + Duration::days(61), "{at}");
    }
    let operation = id_of(&requisition["operations"][0]);
    assert!(due(&lab, operation).await <= Utc::now(), "its check-out is due at once, in real time");
}

#[tokio::test]
async fn a_loan_is_overdue_by_the_lab_clock() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 1, &lab.admin).await;
    let requisition = given::submitted(&lab, &model).await;
    given::checked_out(&lab, &requisition).await;
    let path = format!("/v1/requisitions/{}", id_of(&requisition));
    assert_eq!(lab.app.get(&lab.member.token, &path).await.expect(200)["is_overdue"], false);

    lab.app.move_lab_clock(8).await;

    assert_eq!(lab.app.get(&lab.member.token, &path).await.expect(200)["is_overdue"], true);
}

#[tokio::test]
async fn the_clock_moves_ahead_only_and_not_for_the_application() {
    let lab = given::a_lab().await;
    for statement in ["select move_lab_clock('1 day')", "update lab_clock set moved_by = '1 day'"] {
        assert!(sqlx::query(statement).execute(&lab.app.app_pool).await.is_err(), "{statement}");
    }
    assert!(sqlx::query("select move_lab_clock('-1 day')").execute(&lab.app.owner).await.is_err());
}
