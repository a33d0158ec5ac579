//! Who the borrower is in Snipe-IT.

use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, NewUser},
};

#[tokio::test]
async fn nobody_with_the_address_is_a_finding_and_nothing_is_sent() {
    let floor = Floor::new().await;
    let student = floor.given_student("nobody@lab.example").await;
    let asked = floor.given_requested_by(student).await;

    floor.work_until("a finding", async |f: &Floor| !f.open_findings(student.0).await.is_empty()).await;

    assert_eq!(floor.open_findings(student.0).await, ["borrower_not_matched"]);
    assert_eq!(floor.operation_state(asked.operation).await, "waiting");
    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkout), 0);
}

#[tokio::test]
async fn two_people_with_one_address_are_a_finding_and_nothing_is_guessed() {
    let floor = Floor::new().await;
    let student = floor.given_student("twin@lab.example").await;
    floor.given_requested_by(student).await;

    floor.work_until("a finding", async |f: &Floor| !f.open_findings(student.0).await.is_empty()).await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkout), 0);
}

#[tokio::test]
async fn a_borrower_who_appears_in_snipeit_later_is_found_at_the_next_try() {
    let floor = Floor::new().await;
    let student = floor.given_student("late@lab.example").await;
    let asked = floor.given_requested_by(student).await;
    floor.work_until("a finding", async |f: &Floor| !f.open_findings(student.0).await.is_empty()).await;

    floor.simulator.state().hands().create_user(NewUser::named("Late", "Comer", "late@lab.example"));
    floor.make_due(floor.job_about(asked.operation.0).await).await;

    floor.work_until("out", async |f: &Floor| f.loan_status(asked.loan).await == "checked_out").await;
}

#[tokio::test]
async fn a_remembered_user_deleted_in_snipeit_is_looked_up_once_more_before_the_loan_fails() {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    floor.simulator.state().hands().delete_user(floor.people.student.snipeit_id.0);
    let replacement =
        floor.simulator.state().hands().create_user(NewUser::named("Rita", "Sousa", "rita.sousa@lab.example"));

    let asked = floor.given_requested().await;
    floor.work_until("out", async |f: &Floor| f.loan_status(asked.loan).await == "checked_out").await;

    assert_eq!(floor.holder(asked.asset), Some(replacement));
}
