//! What people do by hand in Snipe-IT to units that we have promised or lent: followed where that is safe, told otherwise.

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        finding::Resolution,
        id::{FindingId, JobId},
        job::{JobKind, NewJob},
        operation::OperationState,
        requisition::{Loan, LoanStatus},
    },
    store::{
        finding_answer::{self, AnswerRefused, FindingAnswer},
        findings::{self, Finding},
    },
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{Handover, Hands, OUT_FOR_REPAIR, READY},
};
use uuid::Uuid;

/// Somebody in the simulator who is not our borrower.
const SOMEBODY_ELSE: i64 = 3;

struct Lent {
    floor: Floor,
    asked: Asked,
    sweep: JobId,
    sync: JobId,
}

/// A student has one unit; our check-out was seen again by a sweep.
async fn confirmed() -> Lent {
    let lent = given(async |floor: &Floor| floor.given_checked_out().await).await;
    assert!(lent.floor.dossier(lent.asked.requisition).await.operations[0].confirmed_at.is_some());
    lent
}

/// A unit is promised for a week that begins so far ahead, and was swept since.
async fn promised(starts_in: TimeDelta) -> Lent {
    given(async |floor: &Floor| floor.given_promised(starts_in).await).await
}

async fn given(ask: impl AsyncFnOnce(&Floor) -> Asked) -> Lent {
    let floor = Floor::new().await;
    let sync = floor.given_synced().await;
    let asked = ask(&floor).await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    let lent = Lent { floor, asked, sweep, sync };
    lent.sweep().await;
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

    fn hands(&self) -> Hands {
        self.floor.simulator.state().hands()
    }

    /// Our borrower in the simulator.
    fn borrower(&self) -> i64 {
        self.floor.people.student.snipeit_id.0
    }

    async fn open(&self) -> Vec<String> {
        self.floor.open_findings(self.asked.loan.0).await
    }

    async fn answer(&self, resolution: Resolution) -> Result<(), AnswerRefused> {
        let mut transaction = self.floor.pool.begin().await.unwrap();
        let id: Uuid = sqlx::query_scalar("select id from findings where subject_id = $1 and state = 'open'")
            .bind(self.asked.loan.0)
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        let finding: Finding = findings::find(&mut transaction, FindingId(id)).await.unwrap().unwrap();
        let by = self.floor.people.technician;
        let answer = FindingAnswer { resolution, note: None, by, snipeit_user: None };
        finding_answer::settle(&mut transaction, &finding, &answer).await?;
        transaction.commit().await.unwrap();
        Ok(())
    }

    /// How the findings about the loan ended, the oldest first.
    async fn resolutions(&self) -> Vec<(String, Option<String>)> {
        let rows =
            sqlx::query_as("select kind, resolution from findings where subject_id = $1 order by created_at, id");
        rows.bind(self.asked.loan.0).fetch_all(&self.floor.pool).await.unwrap()
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

#[tokio::test]
async fn somebody_else_who_holds_the_unit_is_told_once_and_adopting_it_returns_the_loan() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();

    lent.sweep().await;
    lent.floor.ring_now(lent.sync).await;
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_with_another"]);
    assert_eq!(lent.loan().await.status, LoanStatus::CheckedOut, "the record stands until a person decides");

    lent.answer(Resolution::Adopted).await.unwrap();

    assert_eq!(lent.loan().await.status, LoanStatus::Returned);
    let (event, actor, _) = lent.history().await.pop().unwrap();
    assert_eq!((event.as_str(), actor.as_str()), ("return_adopted", "snipeit"));
    assert_eq!(lent.count_letters("returned").await, 1);
    assert_eq!(lent.floor.holder(lent.asked.asset), Some(SOMEBODY_ELSE), "nothing is sent");
}

#[tokio::test]
async fn a_finding_closes_itself_when_snipeit_and_the_record_agree_again() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().set_label(lent.asked.asset.0, OUT_FOR_REPAIR);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_not_deployable"]);

    lent.hands().set_label(lent.asked.asset.0, READY);
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_not_deployable".to_owned(), Some("passed".to_owned()))]);
}

#[tokio::test]
async fn what_is_ignored_is_told_again_when_it_has_changed_and_not_before() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().set_label(lent.asked.asset.0, OUT_FOR_REPAIR);
    lent.sweep().await;
    lent.answer(Resolution::Ignored).await.unwrap();

    lent.sweep().await;
    lent.floor.ring_now(lent.sync).await;
    assert_eq!(lent.open().await, Vec::<String>::new());

    lent.hands().set_label(lent.asked.asset.0, READY);
    lent.sweep().await;
    lent.hands().set_label(lent.asked.asset.0, OUT_FOR_REPAIR);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_not_deployable"]);
}

#[tokio::test]
async fn a_unit_that_vanished_from_its_borrower_is_checked_out_anew_by_the_ordinary_protocol() {
    let lent = confirmed().await;
    lent.hands().take_away(lent.asked.asset.0);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_not_held"]);

    lent.answer(Resolution::Reapplied).await.unwrap();
    assert_eq!(lent.loan().await.status, LoanStatus::HandedOver);
    lent.floor.work_until("out again", async |f: &Floor| f.loan_status(lent.asked.loan).await == "checked_out").await;
    lent.sweep().await;

    assert_eq!(lent.floor.holder(lent.asked.asset), Some(lent.borrower()));
    let operations = lent.floor.dossier(lent.asked.requisition).await.operations;
    assert!(operations.len() == 2 && operations.iter().all(|operation| operation.confirmed_at.is_some()));
    assert_eq!(lent.open().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_unit_taken_back_and_given_again_by_hand_goes_on_by_that_check_out_and_comes_back_by_ours() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, lent.borrower(), Handover::Now).unwrap();
    lent.sweep().await;
    assert_eq!(lent.open().await, ["checked_out_again"]);

    lent.answer(Resolution::Adopted).await.unwrap();
    lent.sweep().await;
    assert_eq!(lent.open().await, Vec::<String>::new());

    let back = lent.floor.given_return_requested(lent.asked).await;
    lent.floor.work_until("back", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;
    assert_eq!(lent.floor.holder(lent.asked.asset), None);
    assert_eq!(lent.floor.operation_state(back.operation).await, "applied");
}

#[tokio::test]
async fn a_promised_unit_that_was_lent_to_its_borrower_by_hand_is_the_loan_and_nothing_is_sent() {
    let lent = promised(TimeDelta::hours(6)).await;
    sqlx::query("update users set snipeit_user_id = $1 where id = $2")
        .bind(lent.borrower())
        .bind(lent.floor.people.student.id.0)
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    lent.hands().check_out(lent.asked.asset.0, lent.borrower(), Handover::Now).unwrap();
    lent.sweep().await;
    assert_eq!(lent.open().await, ["lent_by_hand"]);

    lent.answer(Resolution::Adopted).await.unwrap();
    lent.sweep().await;

    let dossier = lent.floor.dossier(lent.asked.requisition).await;
    assert_eq!(dossier.loans[0].status, LoanStatus::CheckedOut);
    assert_eq!(dossier.operations[0].state, OperationState::Abandoned);
    assert_eq!(lent.open().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_promise_whose_unit_is_archived_gets_another_one_and_its_finding_closes() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().archive(lent.asked.asset.0);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_archived"]);

    lent.answer(Resolution::Adopted).await.unwrap();
    let other = async |f: &Floor| f.asset_of(lent.asked.loan).await != lent.asked.asset;
    lent.floor.work_until("another unit", other).await;
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_archived".to_owned(), Some("adopted".to_owned()))]);
}

#[tokio::test]
async fn a_loan_that_is_over_leaves_no_finding_behind() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().archive(lent.asked.asset.0);
    lent.floor.ring_now(lent.sync).await;
    assert_eq!(lent.open().await, ["unit_archived"]);

    let dossier = lent.floor.dossier(lent.asked.requisition).await;
    lent.floor.write(&dossier.cancel(lent.floor.people.student.id, Utc::now()).unwrap()).await;
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_archived".to_owned(), Some("passed".to_owned()))]);
}

#[tokio::test]
async fn a_unit_that_was_exchanged_by_rule_leaves_no_finding_behind_though_nothing_new_is_seen_of_the_other() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().archive(lent.asked.asset.0);
    lent.floor.ring_now(lent.sync).await;
    assert_eq!(lent.open().await, ["unit_archived"]);

    lent.floor.given_job_of(NewJob::look_at_promise(lent.asked.loan)).await;
    let other = async |f: &Floor| f.asset_of(lent.asked.loan).await != lent.asked.asset;
    lent.floor.work_until("another unit", other).await;
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_archived".to_owned(), Some("passed".to_owned()))]);
}

#[tokio::test]
async fn two_workers_that_see_the_same_drift_raise_one_finding() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
    let other = lent.floor.another_worker(&[]);

    lent.floor.make_due(lent.sync).await;
    let (_, synced) = tokio::join!(lent.sweep(), makerlab_worker::jobs::run(&other, lent.sync));
    synced.unwrap();
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_with_another".to_owned(), None)]);
}

#[tokio::test]
async fn an_answer_about_what_snipeit_does_not_show_any_more_or_while_a_return_is_under_way_is_refused() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
    lent.sweep().await;
    lent.floor.given_return_requested(lent.asked).await;
    assert!(matches!(lent.answer(Resolution::Adopted).await, Err(AnswerRefused::UnderWay)));

    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
    lent.sweep().await;
    sqlx::query("update equipment set holder_id = 4 where snipeit_asset_id = $1")
        .bind(lent.asked.asset.0)
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    assert!(matches!(lent.answer(Resolution::Adopted).await, Err(AnswerRefused::DriftChanged)));
    assert_eq!(lent.loan().await.status, LoanStatus::CheckedOut);
}

#[tokio::test]
async fn another_day_on_which_a_unit_is_expected_is_told_and_either_side_may_follow() {
    let lent = confirmed().await;
    let due_day = lent.loan().await.period.due_at.date_naive();
    let moved = due_day + chrono::Days::new(5);
    lent.hands().expect_back(lent.asked.asset.0, moved);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["due_date_moved"]);

    lent.answer(Resolution::Reapplied).await.unwrap();
    let is_ours = async |f: &Floor| {
        let inventory = f.simulator.state().inventory();
        inventory.find_asset(lent.asked.asset.0).unwrap().expected_checkin == Some(due_day)
    };
    lent.floor.work_until("our day is set anew", is_ours).await;
    lent.sweep().await;
    assert_eq!(lent.open().await, Vec::<String>::new());

    lent.hands().expect_back(lent.asked.asset.0, moved);
    lent.sweep().await;
    lent.answer(Resolution::Adopted).await.unwrap();
    lent.sweep().await;

    assert_eq!(lent.loan().await.period.due_at.with_timezone(&chrono_tz::Europe::Lisbon).date_naive(), moved);
    assert_eq!(lent.count_letters("extension_granted").await, 1);
    assert_eq!(lent.open().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_effect_that_vanished_before_it_was_seen_has_its_fix_once_a_person_has_read_of_it() {
    let lent = given(async |floor: &Floor| {
        let asked = floor.given_checked_out().await;
        let hands = floor.simulator.state().hands();
        hands.check_in(asked.asset.0).unwrap();
        hands.check_out(asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
        asked
    })
    .await;
    assert_eq!(lent.floor.all_open_findings().await, ["effect_not_seen"]);

    sqlx::query("update findings set state = 'settled', resolution = 'acknowledged', settled_at = now()")
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    lent.floor.ring_now(lent.sync).await;
    assert_eq!(lent.open().await, ["unit_with_another"]);
    lent.answer(Resolution::Adopted).await.unwrap();

    assert_eq!(lent.loan().await.status, LoanStatus::Returned);
}
