//! What goes out by itself is not sent any more when its time is over: by then its unit is somebody else's.

use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, Fault, Handover, NewUser, Page},
};

/// The time of what is asked for, a week, is over.
async fn let_the_time_pass(floor: &Floor) {
    floor.database.move_lab_clock(8).await;
}

#[tokio::test]
async fn a_check_out_that_waited_until_its_time_was_over_is_not_sent_and_the_requester_hears_why() {
    let floor = Floor::new().await;
    let student = floor.given_student("late@lab.example").await;
    let asked = floor.given_requested_by(student).await;
    floor.work_until("a finding", async |f: &Floor| !f.open_findings(student.0).await.is_empty()).await;
    floor.simulator.state().hands().create_user(NewUser::named("Late", "Comer", "late@lab.example"));

    let_the_time_pass(&floor).await;
    floor.ring_now(floor.job_about(asked.operation.0).await).await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkout), 0);
    assert_eq!(floor.operation_state(asked.operation).await, "abandoned");
    assert_eq!(floor.loan_status(asked.loan).await, "released");
    assert_eq!(floor.requisition_status(asked.requisition).await, "cancelled");
    let told = "select event, reason from status_history where entity = 'loan' and entity_id = $1 order by id desc";
    let told: (String, Option<String>) = sqlx::query_as(told).bind(asked.loan.0).fetch_one(&floor.pool).await.unwrap();
    let why = "it could not be checked out before its time was over".to_owned();
    assert_eq!(told, ("period_over".to_owned(), Some(why)));
    let letters =
        "select event, message from notifications where requisition_id = $1 order by created_at desc, id desc";
    let letter: (String, Option<String>) =
        sqlx::query_as(letters).bind(asked.requisition.0).fetch_one(&floor.pool).await.unwrap();
    let why = "it could not be checked out in the lab's inventory in time".to_owned();
    assert_eq!(letter, ("period_over".to_owned(), Some(why)));
    assert_eq!(floor.count_open("run_operation").await, 0);
}

#[tokio::test]
async fn what_was_tried_without_effect_is_not_tried_again_when_its_time_is_over() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).instead(Page::ServerError));
    floor.ring_now(job).await;
    assert_eq!(floor.operation_state(asked.operation).await, "unknown");
    floor.let_the_limit_pass().await;
    floor.ring_now(job).await;
    assert_eq!(
        (floor.operation_state(asked.operation).await.as_str(), floor.operation_attempts(asked.operation).await),
        ("waiting", 1)
    );

    let_the_time_pass(&floor).await;
    floor.ring_now(job).await;

    assert_eq!(floor.loan_status(asked.loan).await, "released");
    assert_eq!(floor.holder(asked.asset), None);
}

#[tokio::test]
async fn a_unit_that_is_refused_when_its_time_is_over_gets_no_other_in_its_place() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;
    floor.simulator.state().hands().check_out(asked.asset.0, 2, Handover::Now).unwrap();
    floor.simulator.state().faults().add(Fault::on(CallKind::Show).instead(Page::ServerError));
    floor.ring_now(job).await;
    assert_eq!(floor.operation_state(asked.operation).await, "unknown", "refused, and nobody could look why");

    let_the_time_pass(&floor).await;
    floor.let_the_limit_pass().await;
    floor.ring_now(job).await;

    assert_eq!(floor.loan_status(asked.loan).await, "failed");
    assert!(
        floor
            .loan_failure(asked.loan)
            .await
            .unwrap()
            .ends_with("it could not be checked out in the lab's inventory in time")
    );
    assert_eq!(floor.asset_of(asked.loan).await, asked.asset);
}
