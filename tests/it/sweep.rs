//! The sweep: what Snipe-IT reported is seen again, or a person is told; what people do there is noticed.

mod behind;
mod lists;
mod vanished;

use chrono::{DateTime, SubsecRound, Utc};
use makerlab_shared::{
    domain::{id::JobId, job::JobKind, requisition::LoanStatus},
    store::link,
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Cut, Fault, Handover, Page, Seed, SimulatorOptions, Trouble},
};
use makerlab_worker::jobs::Ran;

/// Somebody in the simulator who is not our borrower.
const SOMEBODY_ELSE: i64 = 3;

struct Lent {
    floor: Floor,
    asked: Asked,
    sweep: JobId,
}

impl Lent {
    async fn sweep(&self) -> Ran {
        self.floor.ring_now(self.sweep).await
    }

    /// When each operation of the requisition was confirmed.
    async fn confirmed(&self) -> Vec<Option<DateTime<Utc>>> {
        let dossier = self.floor.dossier(self.asked.requisition).await;
        dossier.operations.iter().map(|operation| operation.confirmed_at).collect()
    }
}

/// A student has one unit, by our records and by Snipe-IT's; nobody has swept since.
async fn lent() -> Lent {
    lent_on(Floor::new().await).await
}

async fn lent_on(floor: Floor) -> Lent {
    floor.given_synced().await;
    let asked = floor.given_checked_out().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    // Only when a test says so, not whenever it works.
    sqlx::query("update jobs set due_at = now() + interval '1 hour' where id = $1")
        .bind(sweep.0)
        .execute(&floor.pool)
        .await
        .unwrap();
    Lent { floor, asked, sweep }
}

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

#[tokio::test]
async fn what_people_change_in_snipeit_is_in_the_cache_after_a_sweep() {
    let given = lent().await;
    given.sweep().await;
    let hands = given.floor.simulator.state().hands();
    hands.check_out(20, SOMEBODY_ELSE, Handover::Now).unwrap();
    hands.rename(21, "lent to the robot team");

    given.sweep().await;

    let holder: Option<i64> = sqlx::query_scalar("select holder_id from equipment where snipeit_asset_id = 20")
        .fetch_one(&given.floor.pool)
        .await
        .unwrap();
    assert_eq!(holder, Some(SOMEBODY_ELSE));
    let name: String = sqlx::query_scalar("select name from equipment where snipeit_asset_id = 21")
        .fetch_one(&given.floor.pool)
        .await
        .unwrap();
    assert_eq!(name, "lent to the robot team");
}

#[tokio::test]
async fn a_sweep_pages_on_while_whole_pages_are_new() {
    let options = SimulatorOptions { throttle: None, seed: Seed::sized(1203, 3), ..SimulatorOptions::default() };
    let floor = Floor::beside(options, &[]).await;
    floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring(sweep).await;
    let state = floor.simulator.state();
    (1..=200).for_each(|asset| state.hands().rename(asset, "stock-taking"));
    // A page of them in other seconds than those: which rows of one second stand on which page nobody knows.
    state.clock().set_offset(chrono::Duration::seconds(2));
    (201..=700).for_each(|asset| state.hands().rename(asset, "stock-taking"));
    let lists_before = state.ledger().count_calls(CallKind::List);

    floor.ring_now(sweep).await;

    assert_eq!(state.ledger().count_calls(CallKind::List), lists_before + 2);
    let renamed: i64 = sqlx::query_scalar("select count(*) from equipment where name = 'stock-taking'")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(renamed, 700);
}

#[tokio::test]
async fn what_changes_in_the_second_of_the_last_sweep_is_read_however_many_pages_it_fills() {
    let options = SimulatorOptions { throttle: None, seed: Seed::sized(40, 2), ..SimulatorOptions::default() };
    let floor = Floor::beside(options, &[]).await;
    let state = floor.simulator.state();
    state.product().set_max_results(10);
    let sync = floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    let second = Utc::now().trunc_subsecs(0);
    let rename_then = |assets: std::ops::RangeInclusive<i64>, name: &str| {
        state.clock().set_offset(second - Utc::now());
        assets.for_each(|asset| state.hands().rename(asset, name));
    };
    rename_then(21..=30, "in time");
    floor.ring(sweep).await;

    rename_then(1..=20, "a moment later");
    let lists_before = state.ledger().count_calls(CallKind::List);
    floor.ring_now(sweep).await;
    assert_eq!(
        state.ledger().count_calls(CallKind::List),
        lists_before + 4,
        "three pages of that second and one before"
    );

    sqlx::query("update snipeit_link set swept_at = swept_at + interval '10 seconds'")
        .execute(&floor.pool)
        .await
        .unwrap();
    let lists_before = state.ledger().count_calls(CallKind::List);
    floor.ring_now(sweep).await;
    assert_eq!(state.ledger().count_calls(CallKind::List), lists_before + 1, "once that second was over, it was read");
    // Which of its rows stood on which page nobody knows: a full sync looks.
    floor.ring_now(sync).await;
    let read: i64 = sqlx::query_scalar("select count(*) from equipment where name = 'a moment later'")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(read, 20);
}

#[tokio::test]
async fn a_sweep_that_fails_keeps_its_place_and_comes_again() {
    let given = lent().await;
    let place = async || link::load(&mut given.floor.pool.acquire().await.unwrap()).await.unwrap().swept_at;
    let before = place().await;
    given.floor.simulator.state().faults().add(Fault::on(CallKind::List).instead(Page::BadGateway));

    given.sweep().await;

    assert_eq!(place().await, before);
    assert_eq!(given.confirmed().await, [None]);
    given.sweep().await;
    assert!(given.confirmed().await[0].is_some());
}

#[tokio::test]
async fn what_people_may_have_lent_since_the_last_sweep_is_later_than_a_fingerprint() {
    let given = lent().await;
    let fingerprint =
        async |asked: Asked| given.floor.dossier(asked.requisition).await.operations[0].fingerprint.unwrap();
    let first = fingerprint(given.asked).await;
    given.sweep().await;
    sqlx::query("update snipeit_link set swept_at = swept_at - interval '1 hour'")
        .execute(&given.floor.pool)
        .await
        .unwrap();

    let second = given.floor.given_checked_out().await;

    let back = first - fingerprint(second).await;
    assert!((55..60).contains(&back.num_minutes()), "{back}");
}

#[tokio::test]
async fn a_wrong_zone_stops_all_writes_and_names_the_setting() {
    let floor = Floor::with(&[("SNIPEIT_TIMEZONE", "America/New_York")], None).await;
    let given = lent_on(floor).await;

    given.sweep().await;

    assert_eq!(given.floor.all_open_findings().await, ["clock_or_zone_wrong"]);
    let mut conn = given.floor.pool.acquire().await.unwrap();
    let pause = link::load(&mut conn).await.unwrap().pause.unwrap();
    assert!(pause.cause.starts_with("SNIPEIT_TIMEZONE is America/New_York, but"), "{}", pause.cause);
}

#[tokio::test]
async fn while_calls_are_paused_a_sweep_makes_none() {
    let given = lent().await;
    let mut conn = given.floor.pool.acquire().await.unwrap();
    link::pause_for_person(&mut conn, "a test says so").await.unwrap();
    drop(conn);
    let requests_before = given.floor.simulator.state().ledger().requests().len();

    given.sweep().await;

    assert_eq!(given.floor.simulator.state().ledger().requests().len(), requests_before);
}

#[tokio::test]
async fn what_vanishes_from_the_default_list_is_found_by_the_next_sweep_and_costs_two_calls_once() {
    let given = lent().await;
    given.sweep().await;
    given.floor.simulator.state().hands().archive(20);
    given.floor.simulator.state().hands().delete(21);
    let lists_before = given.floor.simulator.state().ledger().count_calls(CallKind::List);

    given.sweep().await;
    given.sweep().await;

    let hidden: Vec<String> = sqlx::query_scalar(
        "select presence from equipment where snipeit_asset_id in (20, 21) order by snipeit_asset_id",
    )
    .fetch_all(&given.floor.pool)
    .await
    .unwrap();
    assert_eq!(hidden, ["archived", "deleted"]);
    assert_eq!(given.floor.simulator.state().ledger().count_calls(CallKind::List), lists_before + 2 + 2);
}

#[tokio::test]
async fn what_is_archived_while_another_asset_appears_is_found_by_the_next_sweep() {
    let given = lent().await;
    given.sweep().await;
    given.floor.simulator.state().hands().archive(20);
    given.floor.simulator.state().hands().create_asset(makerlab_tests::simulator::NewAsset::of_model(1));

    given.sweep().await;

    let presence: String = sqlx::query_scalar("select presence from equipment where snipeit_asset_id = 20")
        .fetch_one(&given.floor.pool)
        .await
        .unwrap();
    assert_eq!(presence, "archived");
}
