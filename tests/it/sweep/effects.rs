//! Each effect of ours is seen again and confirmed, or a person is told.

use super::*;
use makerlab_shared::domain::requisition::LoanStatus;
use makerlab_tests::simulator::{Cut, Trouble};

async fn summary(floor: &Floor) -> String {
    sqlx::query_scalar("select summary from findings where state = 'open'").fetch_one(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn a_check_out_is_confirmed_with_one_call_and_leaves_no_finding() {
    let given = lent().await;
    let lists_before = given.floor.simulator.state().ledger().count_calls(CallKind::List);

    assert_eq!(given.sweep().await, Ran::Settled);

    assert!(given.confirmed().await[0].is_some());
    assert_eq!(given.floor.simulator.state().ledger().count_calls(CallKind::List), lists_before + 1);
    assert_eq!(given.floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_check_in_is_confirmed_too() {
    let given = lent().await;
    let back = given.floor.given_return_requested(given.asked).await;
    given.floor.work_until("back", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;

    given.sweep().await;

    let confirmed = given.confirmed().await;
    assert!(confirmed.len() == 2 && confirmed.iter().all(Option::is_some), "{confirmed:?}");
    assert_eq!(given.floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_sweep_before_the_effect_confirms_nothing_and_raises_nothing() {
    let floor = Floor::new().await;
    floor.given_synced().await;
    let asked = floor.given_requested().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring(sweep).await;
    floor.work_until("out", async |f: &Floor| f.loan_status(asked.loan).await == "checked_out").await;

    assert_eq!(floor.dossier(asked.requisition).await.operations[0].confirmed_at, None);
    assert_eq!(floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_person_who_checks_the_asset_in_right_after_us_becomes_a_finding_once() {
    let given = lent().await;
    let asset = given.asked.asset.0;
    given.floor.simulator.state().hands().check_in(asset).unwrap();

    given.sweep().await;

    assert_eq!(given.floor.all_open_findings().await, ["effect_not_seen"]);
    assert!(summary(&given.floor).await.contains("does not hold the asset in Snipe-IT any more"));
    assert_eq!(given.confirmed().await, [None]);
    let dossier = given.floor.dossier(given.asked.requisition).await;
    assert_eq!(dossier.loans[0].status, LoanStatus::CheckedOut, "the record stands until a person decides");

    sqlx::query("update findings set state = 'settled', resolution = 'acknowledged', settled_at = now()")
        .execute(&given.floor.pool)
        .await
        .unwrap();
    given.sweep().await;
    assert_eq!(given.floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_check_in_that_nobody_knows_of_yet_is_no_missing_check_out() {
    let given = lent().await;
    let lost = Fault::on(CallKind::Checkin).trouble(Trouble::LoseAnswer(Cut::Reset));
    given.floor.simulator.state().faults().add(lost);
    let back = given.floor.given_return_requested(given.asked).await;
    given.floor.ring(given.floor.job_about(back.operation.0).await).await;
    assert_eq!(given.floor.holder(back.asset), None);

    given.sweep().await;

    assert_eq!(given.confirmed().await, [None, None]);
    assert_eq!(given.floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn somebody_who_took_the_asset_over_becomes_a_finding() {
    let given = lent().await;
    let asset = given.asked.asset.0;
    let hands = given.floor.simulator.state().hands();
    hands.check_in(asset).unwrap();
    hands.check_out(asset, SOMEBODY_ELSE, Handover::Now).unwrap();

    given.sweep().await;

    assert_eq!(given.floor.all_open_findings().await, ["effect_not_seen"]);
    assert!(summary(&given.floor).await.contains("shows another one of the asset"));
}

#[tokio::test]
async fn an_effect_on_an_asset_that_was_archived_since_is_found_in_the_list_of_those() {
    let given = lent().await;
    let asset = given.asked.asset.0;
    given.floor.simulator.state().hands().archive(asset);
    let shows_before = given.floor.simulator.state().ledger().count_calls(CallKind::Show);

    given.sweep().await;

    assert!(given.confirmed().await[0].is_some());
    assert_eq!(given.floor.simulator.state().ledger().count_calls(CallKind::Show), shows_before);
    let presence: String = sqlx::query_scalar("select presence from equipment where snipeit_asset_id = $1")
        .bind(asset)
        .fetch_one(&given.floor.pool)
        .await
        .unwrap();
    assert_eq!(presence, "archived");
}

#[tokio::test]
async fn an_effect_on_an_asset_that_is_in_no_list_any_more_is_looked_up_by_itself_and_told() {
    let given = lent().await;
    let (asset, hands) = (given.asked.asset.0, given.floor.simulator.state().hands());
    hands.delete(asset);
    hands.purge(asset);
    let shows_before = given.floor.simulator.state().ledger().count_calls(CallKind::Show);

    given.sweep().await;

    assert_eq!(given.floor.simulator.state().ledger().count_calls(CallKind::Show), shows_before + 1);
    assert_eq!(given.floor.all_open_findings().await, ["effect_not_seen"]);
}
