//! Promises looked at ahead of time: a unit that will not be there is exchanged, or the people concerned are told.

mod at_counter;

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_tests::floor::{Asked, Floor};
use uuid::Uuid;

/// A unit that is out for seven days, and the promise of the same unit for a week that begins twenty hours later.
async fn one_after_the_other(floor: &Floor) -> (Asked, Asked) {
    let out = floor.given_checked_out().await;
    let next = floor.given_promised(TimeDelta::days(7) + TimeDelta::hours(20)).await;
    assert_eq!(next.asset, out.asset, "the gap after the loan fits best");
    (out, next)
}

async fn ring_watch(floor: &Floor, promised: Asked) {
    floor.ring_now(floor.open_job("watch_promise", promised.loan.0).await).await;
}

async fn told(floor: &Floor) -> i64 {
    sqlx::query_scalar("select count(*) from notifications where event = 'promise_at_risk'")
        .fetch_one(&floor.pool)
        .await
        .unwrap()
}

async fn period(floor: &Floor, asked: Asked) -> (DateTime<Utc>, DateTime<Utc>) {
    let query = sqlx::query_as("select starts_at, due_at from loans where id = $1").bind(asked.loan.0);
    query.fetch_one(&floor.pool).await.unwrap()
}

async fn label_all_but(floor: &Floor, asset: i64, kind: &str) {
    sqlx::query("update equipment set label_kind = $2 where snipeit_asset_id <> $1")
        .bind(asset)
        .bind(kind)
        .execute(&floor.pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_unit_of_a_promise_is_looked_at_half_a_day_before_its_loan_begins() {
    let floor = Floor::new().await;
    let (_, next) = one_after_the_other(&floor).await;

    let due: DateTime<Utc> = sqlx::query_scalar("select due_at from jobs where subject_id = $1 and on_lab_time")
        .bind(next.loan.0)
        .fetch_one(&floor.pool)
        .await
        .unwrap();

    assert_eq!(due, period(&floor, next).await.0 - TimeDelta::hours(12));
}

#[tokio::test]
async fn a_promise_of_a_unit_that_is_late_gets_another_one_and_history_says_why() {
    let floor = Floor::new().await;
    let (out, next) = one_after_the_other(&floor).await;
    let planned = (period(&floor, out).await, period(&floor, next).await);
    floor.database.move_lab_clock(7).await;

    ring_watch(&floor, next).await;

    assert_ne!(floor.asset_of(next.loan).await, out.asset);
    assert_eq!((period(&floor, out).await, period(&floor, next).await), planned, "lateness rewrites no period");
    assert_eq!(floor.operation_state(next.operation).await, "abandoned");
    let waiting: Vec<(Uuid, bool)> = sqlx::query_as(
        "select operations.id, operations.equipment_id = loans.equipment_id
         from operations join loans on loans.id = operations.loan_id
         where loans.id = $1 and operations.state = 'waiting'",
    )
    .bind(next.loan.0)
    .fetch_all(&floor.pool)
    .await
    .unwrap();
    let [(operation, true)] = waiting[..] else { panic!("one check-out of the new unit: {waiting:?}") };
    let told: String =
        sqlx::query_scalar("select reason from status_history where entity = 'loan' and event = 'unit_exchanged'")
            .fetch_one(&floor.pool)
            .await
            .unwrap();
    assert_eq!(told, "the unit is overdue");
    assert_eq!(self::told(&floor).await, 0, "nobody needs to do anything");

    floor.database.move_lab_clock(1).await;
    floor.work_until("the other unit is out", async |f: &Floor| f.loan_status(next.loan).await == "checked_out").await;
    assert_eq!(floor.operation_state(operation.into()).await, "applied");
}

#[tokio::test]
async fn where_no_other_unit_is_free_people_are_told_once_and_the_next_one_that_is_free_is_taken() {
    let floor = Floor::new().await;
    let (out, next) = one_after_the_other(&floor).await;
    label_all_but(&floor, out.asset.0, "undeployable").await;
    floor.database.move_lab_clock(7).await;

    ring_watch(&floor, next).await;
    ring_watch(&floor, next).await;

    assert_eq!(told(&floor).await, 2, "the borrower and the technician, once each");
    assert_eq!(floor.asset_of(next.loan).await, out.asset);

    label_all_but(&floor, out.asset.0, "deployable").await;
    ring_watch(&floor, next).await;

    assert_ne!(floor.asset_of(next.loan).await, out.asset);
    assert_eq!(letters(&floor, "promise_at_risk").await, ["moot", "moot"], "it is at risk no longer");
    assert_eq!(letters(&floor, "unit_is_there").await, ["queued"], "the borrower");
}

#[tokio::test]
async fn what_is_at_risk_again_after_an_exchange_is_told_again() {
    let floor = Floor::new().await;
    let (out, next) = one_after_the_other(&floor).await;
    label_all_but(&floor, out.asset.0, "undeployable").await;
    floor.database.move_lab_clock(7).await;
    ring_watch(&floor, next).await;
    label_all_but(&floor, out.asset.0, "deployable").await;
    ring_watch(&floor, next).await;

    label_all_but(&floor, out.asset.0, "undeployable").await;
    ring_watch(&floor, next).await;

    assert_eq!(letters(&floor, "promise_at_risk").await, ["moot", "moot", "queued", "queued"]);
    let dossier = floor.dossier(next.requisition).await;
    floor.write(&dossier.cancel(floor.people.student.id, Utc::now()).unwrap()).await;
    assert_eq!(letters(&floor, "promise_at_risk").await, ["moot"; 4], "it is promised no longer");
}

/// How far the letters of this event got, the first one first.
async fn letters(floor: &Floor, event: &str) -> Vec<String> {
    let statuses = sqlx::query_scalar("select status from notifications where event = $1 order by created_at, id");
    statuses.bind(event).fetch_all(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn a_unit_that_is_out_of_order_is_exchanged_and_one_that_is_due_in_time_is_waited_for() {
    let floor = Floor::new().await;
    let (out, next) = one_after_the_other(&floor).await;

    ring_watch(&floor, next).await;
    assert_eq!(floor.asset_of(next.loan).await, out.asset, "it is due before the loan begins");
    assert_eq!(floor.count_open("watch_promise").await, 1, "and looked at again then");

    sqlx::query("update equipment set label_kind = 'undeployable' where snipeit_asset_id = $1")
        .bind(out.asset.0)
        .execute(&floor.pool)
        .await
        .unwrap();
    ring_watch(&floor, next).await;
    assert_ne!(floor.asset_of(next.loan).await, out.asset);
}
