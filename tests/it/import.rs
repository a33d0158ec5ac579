//! `makerlab-worker import`: what Snipe-IT had lent before becomes loans of ours, once, and comes back like all others.

mod meanwhile;

use chrono::TimeDelta;
use clap::Parser;
use makerlab_shared::{
    domain::{
        id::{LoanId, OperationId, RequisitionId},
        inventory::SnipeitAssetId,
        job::JobKind,
    },
    store::link,
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{By, CallKind, EffectKind, Handover},
};
use makerlab_worker::cli::{ImportOptions, perform_import};
use uuid::Uuid;

const TECHNICIAN: &str = "tomas@lab.example";
/// Users of the simulator who are nobody here: Ana, and one of two with the same address.
const ANA: i64 = 2;
const TWIN: i64 = 14;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    options: ImportOptions,
}

async fn typed(floor: &Floor, words: &[&str]) -> anyhow::Result<String> {
    let line = Line::try_parse_from(["import", "--by", TECHNICIAN].iter().chain(words))?;
    perform_import(&line.options, &floor.worker).await
}

async fn says(floor: &Floor, words: &[&str]) -> String {
    typed(floor, words).await.unwrap()
}

/// A floor with a whole catalogue, on which people at Snipe-IT have lent units by hand; the assets, in that order.
async fn lent_by_hand(users: &[i64]) -> (Floor, Vec<i64>) {
    let floor = Floor::new().await;
    let assets: Vec<i64> = floor.catalogue.units.iter().map(|unit| unit.snipeit_asset_id.0).take(users.len()).collect();
    for (asset, user) in assets.iter().zip(users) {
        floor.simulator.state().hands().check_out(*asset, *user, Handover::Now).unwrap();
    }
    floor.given_synced().await;
    (floor, assets)
}

async fn rita() -> (Floor, i64) {
    let floor = Floor::new().await;
    let (rita, asset) = (floor.people.student.snipeit_id.0, floor.catalogue.units[0].snipeit_asset_id.0);
    floor.simulator.state().hands().check_out(asset, rita, Handover::Now).unwrap();
    floor.given_synced().await;
    (floor, asset)
}

async fn count(floor: &Floor, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&floor.pool).await.unwrap()
}

async fn the_loan(floor: &Floor, asset: i64) -> Asked {
    let loan = sqlx::query_as(
        "select l.id, l.requisition_id from loans l join equipment e on e.id = l.equipment_id
         where e.snipeit_asset_id = $1",
    );
    let (loan, requisition): (Uuid, Uuid) = loan.bind(asset).fetch_one(&floor.pool).await.unwrap();
    Asked {
        requisition: RequisitionId(requisition),
        loan: LoanId(loan),
        operation: OperationId::generate(),
        asset: SnipeitAssetId(asset),
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_adopted_and_changes_nothing() {
    let (floor, _) = rita().await;
    let before = count(&floor, "select count(*) from status_history").await;

    let said = says(&floor, &[]).await;

    assert!(said.contains("rita.sousa@lab.example") && said.contains("would be adopted"), "{said}");
    assert!(said.contains("1 would be adopted, 0 ours already, 0 not adopted. Nothing was changed"), "{said}");
    assert_eq!(count(&floor, "select count(*) from loans").await, 0);
    assert_eq!(count(&floor, "select count(*) from status_history").await, before);
}

#[tokio::test]
async fn what_is_adopted_is_out_since_snipeit_says_so_in_a_project_of_its_own_and_twice_is_once() {
    let (floor, asset) = rita().await;

    let first = says(&floor, &["--apply"]).await;
    let second = says(&floor, &["--apply"]).await;

    assert!(first.contains("1 adopted, 0 ours already"), "{first}");
    assert!(second.contains("0 adopted, 1 ours already"), "{second}");
    let loan = the_loan(&floor, asset).await;
    let dossier = floor.dossier(loan.requisition).await;
    let shown = floor.simulator.state().inventory().find_asset(asset).unwrap().last_checkout;
    assert_eq!(floor.requisition_status(loan.requisition).await, "checked_out");
    assert_eq!(dossier.loans[0].fingerprint, shown);
    assert_eq!(dossier.loans[0].borrower_id, floor.people.student.id);
    assert_eq!(count(&floor, "select count(*) from projects where 'before-makerlab' = any(tags)").await, 1);
    let told = "select count(*) from status_history where event = 'imported' and actor_kind = 'snipeit'";
    assert_eq!(count(&floor, told).await, 2, "of the requisition and of the loan");
    assert_eq!(count(&floor, "select count(*) from notifications").await, 0);
    assert!(floor.simulator.state().ledger().effects_on(asset).iter().all(|effect| effect.by == By::Human));
}

#[tokio::test]
async fn whoever_cannot_be_told_is_listed_with_the_reason_and_nobody_is_guessed() {
    let (floor, _) = lent_by_hand(&[ANA, TWIN]).await;

    let said = says(&floor, &["--apply"]).await;

    assert!(said.contains("nobody here has that address"), "{said}");
    assert!(said.contains("several users of Snipe-IT have that"), "{said}");
    assert!(said.contains("0 adopted, 0 ours already, 2 not adopted."), "{said}");
    assert_eq!(count(&floor, "select count(*) from loans").await, 0);
}

#[tokio::test]
async fn who_is_not_here_yet_is_added_once_by_wish() {
    let (floor, assets) = lent_by_hand(&[ANA, ANA]).await;

    let said = says(&floor, &["--apply", "--create-users", "pt"]).await;

    assert!(said.contains("2 adopted"), "{said}");
    let added: (String, String, Option<i64>) =
        sqlx::query_as("select role, language, snipeit_user_id from users where email = 'ana.silva@lab.example'")
            .fetch_one(&floor.pool)
            .await
            .unwrap();
    assert_eq!(added, ("student".to_owned(), "pt".to_owned(), Some(ANA)));
    for asset in assets {
        let loan = the_loan(&floor, asset).await;
        assert_eq!(floor.loan_status(loan.loan).await, "checked_out");
    }
}

#[tokio::test]
async fn a_unit_that_we_lent_or_promised_ourselves_is_left_alone() {
    let floor = Floor::new().await;
    floor.given_synced().await;
    let ours = floor.given_checked_out().await;
    let promised = floor.given_promised(chrono::TimeDelta::days(2)).await;
    let rita = floor.people.student.snipeit_id.0;
    floor.simulator.state().hands().check_out(promised.asset.0, rita, Handover::Now).unwrap();

    let said = says(&floor, &["--apply"]).await;

    assert!(said.contains("promised by us from"), "{said}");
    assert!(said.contains("0 adopted, 1 ours already, 1 not adopted."), "{said}");
    assert_eq!(floor.loan_status(ours.loan).await, "checked_out");
    assert_eq!(count(&floor, "select count(*) from loans").await, 2);
}

#[tokio::test]
async fn an_adopted_loan_comes_back_with_one_check_in() {
    let (floor, asset) = rita().await;
    says(&floor, &["--apply"]).await;
    let loan = the_loan(&floor, asset).await;

    let back = floor.given_return_requested(loan).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;

    assert_eq!(floor.holder(back.asset), None);
    assert_eq!(floor.effects(back.asset, EffectKind::Checkin).len(), 1);
    assert!(floor.all_open_findings().await.is_empty());
    assert!(says(&floor, &["--apply"]).await.contains("Nothing is out in Snipe-IT."));
}

#[tokio::test]
async fn an_imported_loan_that_is_given_back_by_hand_is_over_like_any_other() {
    let (floor, asset) = rita().await;
    says(&floor, &["--apply"]).await;
    let loan = the_loan(&floor, asset).await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    // A second later, as people are: the check-out and the return are told apart by their seconds.
    floor.simulator.state().clock().set_offset(TimeDelta::seconds(2));
    floor.simulator.state().hands().check_in(asset).unwrap();

    floor.ring_now(sweep).await;

    assert_eq!(floor.loan_status(loan.loan).await, "returned");
    assert!(floor.all_open_findings().await.is_empty());
}

#[tokio::test]
async fn what_somebody_else_has_by_now_is_never_taken_from_them() {
    let (floor, asset) = rita().await;
    says(&floor, &["--apply"]).await;
    let loan = the_loan(&floor, asset).await;
    let hands = floor.simulator.state().hands();
    hands.check_in(asset).unwrap();
    hands.check_out(asset, ANA, Handover::Now).unwrap();

    let back = floor.given_return_requested(loan).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;

    assert_eq!(floor.holder(back.asset), Some(ANA));
    assert!(floor.effects(back.asset, EffectKind::Checkin).iter().all(|effect| effect.by == By::Human));
}

#[tokio::test]
async fn it_reads_two_lists_within_the_budget_and_nothing_while_calls_are_paused() {
    let (floor, _) = rita().await;
    let calls = |kind| floor.simulator.state().ledger().count_calls(kind);
    let before = (calls(CallKind::List), calls(CallKind::Users));

    says(&floor, &[]).await;
    assert_eq!((calls(CallKind::List), calls(CallKind::Users)), (before.0 + 1, before.1 + 1));

    link::pause_for_person(&mut floor.pool.acquire().await.unwrap(), "another inventory").await.unwrap();
    let refused = typed(&floor, &["--apply"]).await.unwrap_err().to_string();
    assert!(refused.contains("another inventory"), "{refused}");
}

#[tokio::test]
async fn only_staff_import_and_a_day_that_is_over_is_refused() {
    let (floor, _) = rita().await;
    let student = Line::try_parse_from(["import", "--by", "rita.sousa@lab.example"]).unwrap();

    let refused = perform_import(&student.options, &floor.worker).await.unwrap_err().to_string();
    let past = typed(&floor, &["--due", "2020-01-01"]).await.unwrap_err().to_string();

    assert!(refused.contains("only technicians and admins"), "{refused}");
    assert!(past.contains("--due is in the past"), "{past}");
}
