//! What people do by hand in Snipe-IT to units that we have promised or lent: followed where that is safe, told otherwise.

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::{
    id::JobId,
    job::JobKind,
    requisition::{Loan, LoanStatus},
};
use makerlab_tests::floor::{Asked, Floor};

struct Lent {
    floor: Floor,
    asked: Asked,
    sweep: JobId,
    sync: JobId,
}

/// A student has one unit; our check-out was seen again by a sweep.
async fn confirmed() -> Lent {
    let floor = Floor::new().await;
    let sync = floor.given_synced().await;
    let asked = floor.given_checked_out().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    let lent = Lent { floor, asked, sweep, sync };
    lent.sweep().await;
    assert!(lent.floor.dossier(asked.requisition).await.operations[0].confirmed_at.is_some());
    lent
}

impl Lent {
    /// The sweep comes only when a test says so, not whenever it works.
    async fn sweep(&self) {
        self.floor.ring_now(self.sweep).await;
        sqlx::query("update jobs set due_at = now() + interval '1 hour' where id = $1")
            .bind(self.sweep.0)
            .execute(&self.floor.pool)
            .await
            .unwrap();
    }

    async fn loan(&self) -> Loan {
        self.floor.dossier(self.asked.requisition).await.loans[0].clone()
    }

    fn take_back_by_hand(&self) {
        self.floor.simulator.state().hands().check_in(self.asked.asset.0).unwrap();
    }

    /// Who moved the loan how and why, the oldest first.
    async fn history(&self) -> Vec<(String, String, Option<String>)> {
        let rows = sqlx::query_as(
            "select event, actor_kind, reason from status_history where entity = 'loan' and entity_id = $1 order by id",
        );
        rows.bind(self.asked.loan.0).fetch_all(&self.floor.pool).await.unwrap()
    }

    async fn count_letters(&self, event: &str) -> i64 {
        let count = sqlx::query_scalar("select count(*) from notifications where event = $1 and subject_id = $2");
        count.bind(event).bind(self.asked.loan.0).fetch_one(&self.floor.pool).await.unwrap()
    }
}

#[tokio::test]
async fn a_return_made_by_hand_at_the_counter_closes_the_loan_with_snipeits_time_and_tells_the_borrower() {
    let lent = confirmed().await;
    let before: DateTime<Utc> = Utc::now();
    lent.take_back_by_hand();

    lent.sweep().await;

    let loan = lent.loan().await;
    assert_eq!(loan.status, LoanStatus::Returned);
    let age = before - loan.returned_at.unwrap();
    assert!(age.abs() < TimeDelta::seconds(5), "it was given back then, not when we noticed: {age}");
    assert_eq!(lent.floor.requisition_status(lent.asked.requisition).await, "returned");
    let (event, actor, reason) = lent.history().await.pop().unwrap();
    assert_eq!((event.as_str(), actor.as_str()), ("return_adopted", "snipeit"));
    assert!(reason.unwrap().starts_with("checked in by hand in Snipe-IT at "));
    assert_eq!(lent.count_letters("returned").await, 1);
    assert_eq!(lent.floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn it_is_adopted_once_however_often_it_is_seen_and_by_whom() {
    let lent = confirmed().await;
    lent.take_back_by_hand();

    tokio::join!(lent.sweep(), lent.floor.ring_now(lent.sync));
    lent.sweep().await;

    assert_eq!(lent.history().await.iter().filter(|(event, ..)| event == "return_adopted").count(), 1);
    assert_eq!(lent.count_letters("returned").await, 1);
}

#[tokio::test]
async fn a_full_sync_adopts_it_too() {
    let lent = confirmed().await;
    lent.take_back_by_hand();

    lent.floor.ring_now(lent.sync).await;

    assert_eq!(lent.loan().await.status, LoanStatus::Returned);
}

#[tokio::test]
async fn a_return_that_was_asked_for_meanwhile_goes_its_own_way_and_is_told_once() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    let back = lent.floor.given_return_requested(lent.asked).await;

    lent.sweep().await;
    assert_eq!(lent.loan().await.status, LoanStatus::CheckedOut);
    lent.floor.work_until("back", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;
    lent.sweep().await;

    assert_eq!(lent.history().await.iter().filter(|(event, ..)| event == "return_adopted").count(), 0);
    assert_eq!(lent.count_letters("returned").await, 1);
    assert_eq!(lent.floor.all_open_findings().await, Vec::<String>::new());
}
