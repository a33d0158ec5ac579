//! After an extension Snipe-IT expects the unit when it is due, and nobody else's unit is ever touched for it.

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::{
    domain::{id::JobId, requisition::ExtensionWish, user::Role},
    store::{commit::commit, dossier, extensions},
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Cut, EffectKind, Fault, Handover, Trouble},
};

/// The borrower gets three days more; the job that tells Snipe-IT.
async fn extended(floor: &Floor, lent: Asked) -> JobId {
    let mut transaction = floor.pool.begin().await.unwrap();
    let dossier = dossier::load_for_loan(&mut transaction, lent.loan).await.unwrap().unwrap();
    let due_at = dossier.find_loan(lent.loan).unwrap().period.due_at + TimeDelta::days(3);
    let wish = ExtensionWish { due_at, reason: None, by: floor.people.student.id, role: Role::Student };
    let ground = extensions::load_ground(&mut transaction, lent.loan, Some(due_at)).await.unwrap();
    commit(&mut transaction, &dossier.extend(lent.loan, wish, &ground).unwrap()).await.unwrap();
    transaction.commit().await.unwrap();
    let job = sqlx::query_scalar("select id from jobs where kind = 'set_expected_checkin' and state = 'open'");
    JobId(job.fetch_one(&floor.pool).await.unwrap())
}

async fn outcome(floor: &Floor, job: JobId) -> String {
    let outcome =
        sqlx::query_scalar("select state || ': ' || coalesce(outcome, waiting_reason, '') from jobs where id = $1");
    outcome.bind(job.0).fetch_one(&floor.pool).await.unwrap()
}

async fn due(floor: &Floor, lent: Asked) -> DateTime<Utc> {
    floor.dossier(lent.requisition).await.find_loan(lent.loan).unwrap().period.due_at
}

fn expected(floor: &Floor, lent: Asked) -> Option<chrono::NaiveDate> {
    floor.simulator.state().inventory().find_asset(lent.asset.0).unwrap().expected_checkin
}

#[tokio::test]
async fn snipe_it_expects_the_unit_on_its_new_day_after_one_look_and_one_patch() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let before = expected(&floor, lent).unwrap();
    let job = extended(&floor, lent).await;

    floor.ring(job).await;

    let zone = floor.worker.zones.snipeit_timezone;
    assert_eq!(expected(&floor, lent), Some(due(&floor, lent).await.with_timezone(&zone).date_naive()));
    assert!(expected(&floor, lent) > Some(before));
    assert_eq!(floor.effects(lent.asset, EffectKind::Patch).len(), 1);
    assert_eq!(floor.holder(lent.asset), Some(floor.people.student.snipeit_id.0));
    assert_eq!(outcome(&floor, job).await, "done: set");
}

#[tokio::test]
async fn a_second_delivery_and_a_lost_answer_set_nothing_twice() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let job = extended(&floor, lent).await;
    let lost_answer = Fault::on(CallKind::Patch).trouble(Trouble::LoseAnswer(Cut::Reset));
    floor.simulator.state().faults().add(lost_answer);

    floor.ring(job).await;
    assert!(outcome(&floor, job).await.starts_with("open: "), "nobody knows yet");
    floor.ring_now(job).await;

    assert_eq!(floor.effects(lent.asset, EffectKind::Patch).len(), 1);
    assert_eq!(outcome(&floor, job).await, "done: shown_already");
}

#[tokio::test]
async fn an_asset_that_a_person_lent_on_is_left_alone() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let job = extended(&floor, lent).await;
    let hands = floor.simulator.state().hands();
    hands.check_in(lent.asset.0).unwrap();
    hands.check_out(lent.asset.0, floor.people.student.snipeit_id.0, Handover::Now).unwrap();

    floor.ring(job).await;

    assert!(floor.effects(lent.asset, EffectKind::Patch).is_empty());
    assert_eq!(outcome(&floor, job).await, "done: not_our_tenure");
}

#[tokio::test]
async fn a_unit_that_came_back_meanwhile_is_left_alone_without_a_call() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let job = extended(&floor, lent).await;
    let back = floor.given_return_requested(lent).await;
    floor.ring(job).await;
    assert_eq!(outcome(&floor, job).await, "open: a return is under way");
    let check_in = floor.job_about(back.operation.0).await;
    floor.ring(check_in).await;
    let calls = floor.simulator.state().ledger().requests().len();

    floor.ring_now(job).await;

    assert_eq!(floor.simulator.state().ledger().requests().len(), calls);
    assert_eq!(outcome(&floor, job).await, "done: not_out");
}

#[tokio::test]
async fn without_the_permission_a_person_hears_of_it_and_lending_goes_on() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    let job = extended(&floor, lent).await;
    floor.simulator.state().hands().forbid_edits();

    floor.ring(job).await;

    assert!(outcome(&floor, job).await.contains("lacks the permission assets.edit"));
    assert_eq!(floor.open_findings(job.0).await, ["job_out_of_runs"]);
    assert_eq!(floor.pause_cause().await, None);
    floor.given_checked_out().await;
}
