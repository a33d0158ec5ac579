//! The sweep: what Snipe-IT reported is seen again, or a person is told; what people do there is noticed.

mod behind;
mod effects;
mod lists;
mod pages;
mod vanished;

use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{id::JobId, job::JobKind},
    store::link,
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Fault, Handover, Page, Seed, SimulatorOptions},
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
