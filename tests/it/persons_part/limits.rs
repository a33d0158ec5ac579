//! What an answer cannot do, who cannot give one, and what cannot undo it.

use super::given::{Desk, Door, STUDENT};
use makerlab_shared::domain::operation::OperationKind::{CheckIn, CheckOut};
use makerlab_tests::{
    floor::{Asked, DEADLINE, Floor},
    simulator::{CallKind, Handover, Step},
};
use makerlab_worker::jobs::Ran;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn that_a_unit_went_out_while_our_records_have_it_out_elsewhere_is_refused_with_the_name_of_that_loan() {
    for door in [Door::Api, Door::CommandLine] {
        let desk = Desk::new().await;
        let (first, second, finding) = out_twice(&desk).await;
        let number: String = sqlx::query_scalar("select number from requisitions where id = $1")
            .bind(first.requisition.0)
            .fetch_one(&desk.floor.pool)
            .await
            .unwrap();

        let said = desk.settle(door, finding, "happened", "the borrower has it").await.unwrap_err();

        assert!(said.contains(&number) && said.contains("cannot be out twice"), "{said}");
        assert_eq!(desk.statuses(second).await, ["with_person", "promised", "attention"]);
        desk.settle(door, finding, "did_not_happen", "the first borrower has it").await.unwrap();
        assert_eq!(desk.statuses(second).await, ["refused", "failed", "failed"]);
        assert_eq!(desk.floor.loan_status(first.loan).await, "checked_out");
    }
}

#[tokio::test]
async fn that_refusal_is_a_conflict_with_a_type_of_its_own() {
    let desk = Desk::new().await;
    let (.., finding) = out_twice(&desk).await;

    let path = format!("/v1/findings/{finding}/settle");
    let reply = desk.post(&desk.technician, &path, &json!({ "resolution": "happened" })).await;

    assert_eq!((reply.status, &reply.body["type"]), (409, &json!("/problems/another-loan-out")), "{}", reply.body);
}

#[tokio::test]
async fn the_borrower_of_a_loan_that_happened_is_whom_it_was_sent_to_although_forgotten_since() {
    let desk = Desk::new().await;
    let (asked, finding) = desk.with_person(CheckOut).await;
    sqlx::query("update users set snipeit_user_id = null").execute(&desk.floor.pool).await.unwrap();

    desk.settle(Door::Api, finding, "happened", "the borrower has it").await.unwrap();

    let borrower: i64 = sqlx::query_scalar("select snipeit_user_id from loans where id = $1")
        .bind(asked.loan.0)
        .fetch_one(&desk.floor.pool)
        .await
        .unwrap();
    assert_eq!(borrower, desk.floor.people.student.snipeit_id.0);
}

#[tokio::test]
async fn students_neither_see_nor_settle_what_needs_a_person() {
    let desk = Desk::new().await;
    let (asked, finding) = desk.with_person(CheckIn).await;
    let path = format!("/v1/findings/{finding}");

    let seen = desk.get(&desk.student, &path).await;
    let settled = desk.post(&desk.student, &format!("{path}/settle"), &json!({ "resolution": "happened" })).await;
    let id = finding.to_string();
    let typed = desk.type_in(&["findings", "settle", &id, "--as", "happened", "--by", STUDENT]).await;

    assert_eq!((seen.status, settled.status), (403, 403));
    assert!(typed.unwrap_err().to_string().contains("only technicians and admins"));
    assert_eq!(desk.statuses(asked).await, ["with_person", "checked_out", "attention"]);
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    for _ in 0..5 {
        let desk = Desk::new().await;
        let (asked, finding) = desk.with_person(CheckIn).await;
        let path = format!("/v1/findings/{finding}/settle");
        let answer = async |answer: &str| desk.post(&desk.technician, &path, &json!({ "resolution": answer })).await;

        let (happened, not) = tokio::join!(answer("happened"), answer("did_not_happen"));

        let (lost, expected) = match (happened.status, not.status) {
            (200, 409) => (not, ["applied", "returned", "returned"]),
            (409, 200) => (happened, ["refused", "checked_out", "checked_out"]),
            both => panic!("one of two counts: {both:?} {} {}", happened.body, not.body),
        };
        let known = ["/problems/finding-settled", "/problems/changed-meanwhile"];
        assert!(known.iter().any(|kind| lost.body["type"] == *kind), "{}", lost.body);
        assert_eq!(desk.statuses(asked).await, expected);
    }
}

#[tokio::test]
async fn what_a_person_has_settled_no_late_worker_and_no_later_run_settles_again() {
    let desk = Desk::new().await;
    let floor = &desk.floor;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;
    let on_its_way = floor.simulator.state().faults().hold(CallKind::Checkout, Some(asked.asset.0), Step::Arrived);
    let frozen = floor.ring(job);
    tokio::pin!(frozen);
    tokio::select! {
        _ = &mut frozen => panic!("the call is held"),
        reached = on_its_way.reached(1, DEADLINE) => reached.unwrap(),
    }
    floor.simulator.state().hands().check_out(asked.asset.0, super::given::STRANGER, Handover::Now).unwrap();
    let another = floor.another_worker(&[]);
    floor.take_over(job).await;
    floor.end_waiting_for_look(asked.operation).await;
    floor.make_due(job).await;
    assert_eq!(makerlab_worker::jobs::run(&another, job).await.unwrap(), Ran::Settled);
    let (_, finding) = desk.comes_to_a_person(asked).await;

    desk.settle(Door::CommandLine, finding, "happened", "the borrower showed it to me").await.unwrap();
    on_its_way.release();

    assert_eq!(frozen.await, Ran::NothingToDo, "the worker that was frozen has lost its lease");
    let settled = ["applied", "checked_out", "checked_out"];
    assert_eq!(desk.statuses(asked).await, settled);
    assert_eq!(floor.evidence(asked.operation).await.last().map(String::as_str), Some("late_answer"));
    open_again(floor, job.0).await;
    assert_eq!(floor.ring(job).await, Ran::Settled);
    assert_eq!(desk.statuses(asked).await, settled);
}

/// A loan that is out by our records although the unit came back, and a second one of the same unit with a person.
async fn out_twice(desk: &Desk) -> (Asked, Asked, Uuid) {
    let unit = desk.floor.catalogue.units[2];
    let first = desk.floor.given_requested_unit(unit).await;
    desk.floor.work_until("out", async |floor: &Floor| floor.loan_status(first.loan).await == "checked_out").await;
    desk.floor.simulator.state().hands().check_in(unit.snipeit_asset_id.0).unwrap();
    desk.floor.end_period(first.loan).await;
    let second = desk.lent_by_hand_after_an_error(desk.floor.given_requested_unit(unit).await).await;
    let (second, finding) = desk.comes_to_a_person(second).await;
    (first, second, finding)
}

/// As if its end had been forgotten, which no restore from a backup could rule out.
async fn open_again(floor: &Floor, job: Uuid) {
    let sql = "update jobs set state = 'open', due_at = now(), finished_at = null where id = $1";
    sqlx::query(sql).bind(job).execute(&floor.pool).await.unwrap();
}
