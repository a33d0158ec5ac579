//! A promise that waits at the counter is looked after until it is handed over, and nobody loses days for a unit that is
//! not there.

use super::{label_all_but, letters, told};
use chrono::TimeDelta;
use makerlab_shared::domain::{
    equipment::{Collection, Unit},
    id::{LoanId, RequisitionId},
    inventory::SnipeitAssetId,
};
use makerlab_tests::floor::Floor;
use uuid::Uuid;

/// A promise that waits at the counter from twenty hours after its unit is due back; until then, and while nobody does
/// anything about it, all other units are out of order.
struct Late {
    floor: Floor,
    asset: SnipeitAssetId,
    requisition: RequisitionId,
    loan: LoanId,
}

impl Late {
    async fn new() -> Self {
        let floor = Floor::new().await;
        let out = floor.given_checked_out().await;
        let begins = TimeDelta::days(7) + TimeDelta::hours(20);
        let (requisition, loan) = floor.given_promised_at_counter(begins).await;
        assert_eq!(floor.asset_of(loan).await, out.asset, "the gap after the loan fits best");
        label_all_but(&floor, out.asset.0, "undeployable").await;
        Self { floor, asset: out.asset, requisition, loan }
    }

    async fn after(&self, days: i32) {
        self.floor.database.move_lab_clock(days).await;
    }

    async fn look(&self) {
        look(&self.floor, self.loan).await;
    }

    async fn mend_the_others(&self) {
        label_all_but(&self.floor, self.asset.0, "deployable").await;
    }

    async fn collect_or_release(&self) -> String {
        let job = self.floor.open_job("release_uncollected", self.loan.0).await;
        self.floor.ring_now(job).await;
        self.floor.loan_status(self.loan).await
    }

    async fn events(&self) -> Vec<(String, Option<String>)> {
        history(&self.floor, self.loan).await
    }
}

async fn look(floor: &Floor, loan: LoanId) {
    floor.ring_now(floor.open_job("watch_promise", loan.0).await).await;
}

async fn history(floor: &Floor, loan: LoanId) -> Vec<(String, Option<String>)> {
    let told = "select event, reason from status_history where entity = 'loan' and entity_id = $1 order by id";
    sqlx::query_as(told).bind(loan.0).fetch_all(&floor.pool).await.unwrap()
}

fn told_as(event: &str, reason: &str) -> (String, Option<String>) {
    (event.to_owned(), Some(reason.to_owned()))
}

#[tokio::test]
async fn a_unit_that_is_not_there_when_its_loan_begins_is_looked_for_until_another_is_free() {
    let late = Late::new().await;
    late.after(9).await;

    late.look().await;
    late.look().await;
    assert_eq!(told(&late.floor).await, 2, "the borrower and the technician, once each, though the loan has begun");
    assert_eq!(late.floor.asset_of(late.loan).await, late.asset);

    late.mend_the_others().await;
    late.look().await;

    assert_ne!(late.floor.asset_of(late.loan).await, late.asset);
    assert_eq!(letters(&late.floor, "promise_at_risk").await, ["moot", "moot"]);
    assert_eq!(letters(&late.floor, "unit_is_there").await, ["queued"]);
    let why = "the unit is overdue";
    assert_eq!(late.events().await[1..], [told_as("promise_at_risk", why), told_as("unit_exchanged", why)]);
    assert_eq!(late.floor.count_open("watch_promise").await, 1, "it is looked after until it is collected");
}

#[tokio::test]
async fn days_run_from_when_there_is_something_to_collect() {
    let late = Late::new().await;
    late.after(9).await;
    late.look().await;

    late.after(2).await;
    assert_eq!(late.collect_or_release().await, "promised", "three days from the start, and nothing to collect");
    late.mend_the_others().await;
    late.look().await;
    late.after(2).await;
    assert_eq!(late.collect_or_release().await, "promised", "two days from when a unit was there");

    late.after(1).await;
    assert_eq!(late.collect_or_release().await, "released");
    assert_eq!(letters(&late.floor, "not_collected").await.len(), 1);
}

#[tokio::test]
async fn if_there_never_was_a_unit_the_end_says_so_and_not_that_nobody_came() {
    let late = Late::new().await;
    late.after(9).await;
    late.look().await;

    late.after(6).await;

    assert_eq!(late.collect_or_release().await, "released", "its time is over");
    assert_eq!(late.floor.requisition_status(late.requisition).await, "cancelled");
    assert_eq!(letters(&late.floor, "no_unit").await, ["queued"]);
    assert_eq!(letters(&late.floor, "not_collected").await, [""; 0]);
    assert_eq!(letters(&late.floor, "promise_at_risk").await, ["moot", "moot"]);
    let last = late.events().await.pop();
    assert_eq!(last, Some(told_as("no_unit", "the lab had no unit that could be collected")));
    late.look().await;
    assert_eq!(late.floor.count_open("watch_promise").await, 0);
}

#[tokio::test]
async fn a_unit_that_is_named_is_waited_for_and_the_borrower_hears_that_it_is_there_after_all() {
    let floor = Floor::new().await;
    let (id, asset): (Uuid, i64) = sqlx::query_as("select id, snipeit_asset_id from equipment order by tag limit 1")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    let unit = Unit { id: id.into(), snipeit_asset_id: SnipeitAssetId(asset), collection: Collection::Counter };
    let (_, loan) = floor.given_kept_at_counter(unit).await;
    let label = async |kind: &str| {
        let sql = "update equipment set label_kind = $2 where id = $1";
        sqlx::query(sql).bind(id).bind(kind).execute(&floor.pool).await.unwrap();
        look(&floor, loan).await;
    };

    label("undeployable").await;
    label("undeployable").await;
    assert_eq!((told(&floor).await, floor.asset_of(loan).await.0), (2, asset), "no other will do");
    label("deployable").await;
    label("deployable").await;

    assert_eq!(letters(&floor, "promise_at_risk").await, ["moot", "moot"]);
    assert_eq!(letters(&floor, "unit_is_there").await, ["queued"]);
    let events: Vec<_> = history(&floor, loan).await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(events, ["submitted", "promise_at_risk", "unit_is_there"]);
    label("undeployable").await;
    assert_eq!(told(&floor).await, 4, "another time is another time");
}

#[tokio::test]
async fn what_was_handed_over_is_looked_after_no_longer_and_of_two_looks_one_goes_on() {
    let late = Late::new().await;
    late.after(9).await;
    let first = late.floor.open_job("watch_promise", late.loan.0).await;
    let now = makerlab_shared::domain::job::NewJob::look_at_promise(late.loan);
    let second = late.floor.given_job_of(now).await;
    late.floor.ring_now(first).await;
    late.floor.ring_now(second).await;
    assert_eq!(late.floor.open_job("watch_promise", late.loan.0).await, second);
    late.mend_the_others().await;
    late.look().await;

    let handed =
        "update loans set status = 'handed_over', handed_over_at = now(), handed_over_by = borrower_id where id = $1";
    sqlx::query(handed).bind(late.loan.0).execute(&late.floor.pool).await.unwrap();
    late.look().await;

    assert_eq!(late.floor.count_open("watch_promise").await, 0);
}
