//! What is promised shows so in Snipe-IT, by a label that is taken back and never covers somebody else's.

use chrono::{TimeDelta, Utc};
use makerlab_shared::{
    domain::{id::JobId, inventory::SnipeitAssetId, job::JobKind},
    store::{commit::commit, dossier},
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Cut, EffectKind, Fault, OUT_FOR_REPAIR, READY, RESERVED, Trouble},
};

const CHOSEN: [(&str, &str); 1] = [("SNIPEIT_LABEL_RESERVED", "reserved")];

/// A floor with a catalogue, and its sweep.
async fn floor_with(settings: &[(&str, &str)]) -> (Floor, JobId) {
    let floor = Floor::with(settings, None).await;
    floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    (floor, sweep)
}

/// One sweep, and what it orders.
async fn sweep(floor: &Floor, sweep: JobId) {
    floor.ring_now(sweep).await;
    floor.work_until("nothing waits for a label", async |f: &Floor| f.count_open("set_label").await == 0).await;
}

fn label(floor: &Floor, asset: SnipeitAssetId) -> i64 {
    floor.simulator.state().inventory().find_asset(asset.0).unwrap().label_id
}

async fn cancelled(floor: &Floor, asked: Asked) {
    let mut transaction = floor.pool.begin().await.unwrap();
    let dossier = dossier::load_for_loan(&mut transaction, asked.loan).await.unwrap().unwrap();
    commit(&mut transaction, &dossier.cancel(floor.people.student.id, Utc::now()).unwrap()).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_unit_promised_for_later_is_reserved_by_one_patch_and_gets_its_label_back_when_that_is_cancelled() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;

    sweep(&floor, job).await;
    sweep(&floor, job).await;
    assert_eq!(label(&floor, promised.asset), RESERVED);
    assert_eq!(floor.effects(promised.asset, EffectKind::Patch).len(), 1);

    cancelled(&floor, promised).await;
    sweep(&floor, job).await;
    sweep(&floor, job).await;
    assert_eq!(label(&floor, promised.asset), READY);
    assert_eq!(floor.effects(promised.asset, EffectKind::Patch).len(), 2);
}

#[tokio::test]
async fn a_reserved_unit_is_checked_out_all_the_same_and_its_label_is_taken_back_while_it_is_out() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    sweep(&floor, job).await;

    floor.database.move_lab_clock(2).await;
    floor.work_until("it is out", async |f: &Floor| f.loan_status(promised.loan).await == "checked_out").await;
    sweep(&floor, job).await;

    assert_eq!(floor.holder(promised.asset), Some(floor.people.student.snipeit_id.0));
    assert_eq!(label(&floor, promised.asset), READY);
}

#[tokio::test]
async fn what_goes_straight_out_is_not_worth_a_label() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let asked = floor.given_requested().await;

    sweep(&floor, job).await;

    assert!(floor.effects(asked.asset, EffectKind::Patch).is_empty());
}

#[tokio::test]
async fn a_label_that_somebody_sets_meanwhile_stays() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    sweep(&floor, job).await;
    floor.simulator.state().hands().set_label(promised.asset.0, OUT_FOR_REPAIR);

    sweep(&floor, job).await;
    assert_eq!(label(&floor, promised.asset), OUT_FOR_REPAIR);
    cancelled(&floor, promised).await;
    sweep(&floor, job).await;

    assert_eq!(label(&floor, promised.asset), OUT_FOR_REPAIR);
    let ours = floor.effects(promised.asset, EffectKind::Patch).into_iter().filter(|effect| effect.request.is_some());
    assert_eq!(ours.count(), 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_and_a_second_delivery_set_nothing_twice() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Patch).trouble(Trouble::LoseAnswer(Cut::Reset)));

    floor.ring_now(job).await;
    let order = sqlx::query_scalar("select id from jobs where kind = 'set_label' and state = 'open'");
    let order = JobId(order.fetch_one(&floor.pool).await.unwrap());
    floor.ring(order).await;
    let waits: bool = sqlx::query_scalar("select due_at > now() + interval '20 seconds' from jobs where id = $1")
        .bind(order.0)
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert!(waits, "it may have its effect until Snipe-IT's limit is over");
    floor.ring_now(order).await;

    assert_eq!(label(&floor, promised.asset), RESERVED);
    assert_eq!(floor.effects(promised.asset, EffectKind::Patch).len(), 1);
    assert_eq!(floor.count_open("set_label").await, 0);
}

#[tokio::test]
async fn a_label_that_is_not_deployable_is_told_and_never_set() {
    let (floor, job) = floor_with(&[("SNIPEIT_LABEL_RESERVED", "Out for repair")]).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;

    sweep(&floor, job).await;

    assert_eq!(label(&floor, promised.asset), READY);
    assert_eq!(floor.all_open_findings().await, ["labels_wrong"]);
}

#[tokio::test]
async fn without_the_permission_to_edit_it_waits_with_the_reason_and_lending_goes_on() {
    let (floor, job) = floor_with(&CHOSEN).await;
    floor.simulator.state().hands().forbid_edits();
    let promised = floor.given_promised(TimeDelta::days(2)).await;

    floor.ring_now(job).await;
    for due in floor.due_jobs().await {
        floor.ring(due).await;
    }

    let reason: String =
        sqlx::query_scalar("select waiting_reason from jobs where kind = 'set_label' and state = 'open'")
            .fetch_one(&floor.pool)
            .await
            .unwrap();
    assert!(reason.contains("assets.edit"), "{reason}");
    assert_eq!((label(&floor, promised.asset), floor.pause_cause().await), (READY, None));
    floor.database.move_lab_clock(2).await;
    floor.work_until("it is out", async |f: &Floor| f.loan_status(promised.loan).await == "checked_out").await;
}
