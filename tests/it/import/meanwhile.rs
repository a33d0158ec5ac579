//! What happens between an import's look at Snipe-IT and its adoption is never undone.

use super::{ANA, Line, TECHNICIAN, count, rita, says, typed};
use chrono::{Days, TimeDelta};
use clap::Parser;
use makerlab_shared::domain::job::JobKind;
use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, Handover, Step},
};
use makerlab_worker::cli::perform_import;
use std::time::Duration;

/// So that a check-out of ours can follow at once: with a second of its own, and nobody who has to be looked up first.
async fn rita_since_yesterday() -> (Floor, i64) {
    let floor = Floor::new().await;
    let (rita, asset) = (floor.people.student.snipeit_id.0, floor.catalogue.units[0].snipeit_asset_id.0);
    let yesterday = floor.simulator.state().clock().wall().date() - Days::new(1);
    floor.simulator.state().hands().check_out(asset, rita, Handover::On(yesterday)).unwrap();
    let known = sqlx::query("update users set snipeit_user_id = $1 where id = $2").bind(rita);
    known.bind(floor.people.student.id.0).execute(&floor.pool).await.unwrap();
    floor.given_synced().await;
    (floor, asset)
}

/// Imports, and lets this happen after the assets were read and before any of them is adopted.
async fn imports_while(floor: &Floor, happens: impl AsyncFnOnce()) -> String {
    let hold = floor.simulator.state().faults().hold(CallKind::Users, None, Step::Arrived);
    let meanwhile = async {
        hold.reached(1, Duration::from_secs(30)).await.unwrap();
        happens().await;
        hold.release();
    };
    tokio::join!(says(floor, &["--apply"]), meanwhile).0
}

/// A sweep sees what people at Snipe-IT have done, a few seconds later.
async fn swept(floor: &Floor, done: impl FnOnce()) {
    floor.simulator.state().clock().set_offset(TimeDelta::seconds(2));
    done();
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.ring_now(sweep).await;
}

async fn shown(floor: &Floor, asset: i64) -> Option<i64> {
    let holder = sqlx::query_scalar("select holder_id from equipment where snipeit_asset_id = $1");
    holder.bind(asset).fetch_one(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn a_unit_that_came_back_meanwhile_becomes_no_loan_and_the_newer_picture_stays() {
    let (floor, asset) = rita().await;

    let said = imports_while(&floor, async || {
        swept(&floor, || floor.simulator.state().hands().check_in(asset).unwrap()).await;
    })
    .await;

    assert!(said.contains("it was lent, promised or brought back since"), "{said}");
    assert!(said.contains("0 adopted, 0 ours already, 1 not adopted."), "{said}");
    assert_eq!((count(&floor, "select count(*) from loans").await, shown(&floor, asset).await), (0, None));
}

#[tokio::test]
async fn a_unit_that_was_lent_to_somebody_else_meanwhile_is_not_taken_for_the_first_ones() {
    let (floor, asset) = rita().await;

    let said = imports_while(&floor, async || {
        swept(&floor, || {
            let hands = floor.simulator.state().hands();
            hands.check_in(asset).unwrap();
            hands.check_out(asset, ANA, Handover::Now).unwrap();
        })
        .await;
    })
    .await;

    assert!(said.contains("0 adopted, 0 ours already, 1 not adopted."), "{said}");
    assert_eq!((count(&floor, "select count(*) from loans").await, shown(&floor, asset).await), (0, Some(ANA)));
}

#[tokio::test]
async fn a_unit_that_we_have_lent_meanwhile_is_ours_already() {
    let (floor, asset) = rita_since_yesterday().await;
    let unit = *floor.catalogue.units.iter().find(|unit| unit.snipeit_asset_id.0 == asset).unwrap();

    let said = imports_while(&floor, async || {
        swept(&floor, || floor.simulator.state().hands().check_in(asset).unwrap()).await;
        let ours = floor.given_requested_unit(unit).await;
        floor.work_until("it is out", async |f: &Floor| f.loan_status(ours.loan).await == "checked_out").await;
    })
    .await;

    assert!(said.contains("0 adopted, 1 ours already, 0 not adopted."), "{said}");
    assert_eq!(count(&floor, "select count(*) from loans").await, 1);
}

#[tokio::test]
async fn a_unit_that_we_have_lent_and_got_back_meanwhile_is_nobodys() {
    let (floor, asset) = rita_since_yesterday().await;
    let unit = *floor.catalogue.units.iter().find(|unit| unit.snipeit_asset_id.0 == asset).unwrap();

    let said = imports_while(&floor, async || {
        swept(&floor, || floor.simulator.state().hands().check_in(asset).unwrap()).await;
        let ours = floor.given_requested_unit(unit).await;
        floor.work_until("it is out", async |f: &Floor| f.loan_status(ours.loan).await == "checked_out").await;
        let back = floor.given_return_requested(ours).await;
        floor.work_until("it is back", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;
    })
    .await;

    assert!(said.contains("0 adopted, 0 ours already, 1 not adopted."), "{said}");
    let out = "select count(*) from loans where status = 'checked_out'";
    assert_eq!((count(&floor, out).await, shown(&floor, asset).await), (0, None));
}

#[tokio::test]
async fn two_imports_at_once_adopt_once() {
    let (floor, _) = rita().await;
    let line = || Line::try_parse_from(["import", "--by", TECHNICIAN, "--apply"]).unwrap().options;
    let (first, second, other) = (line(), line(), floor.another_worker(&[]));
    let hold = floor.simulator.state().faults().hold(CallKind::Users, None, Step::Arrived);
    let both_have_seen_it = async {
        hold.reached(2, Duration::from_secs(30)).await.unwrap();
        hold.release();
    };

    let (first, second, ()) =
        tokio::join!(perform_import(&first, &floor.worker), perform_import(&second, &other), both_have_seen_it);

    let mut said = [first.unwrap(), second.unwrap()].map(|said| said.lines().last().unwrap().to_owned());
    said.sort_unstable();
    assert_eq!(said, ["0 adopted, 1 ours already, 0 not adopted.", "1 adopted, 0 ours already, 0 not adopted."]);
    assert_eq!(count(&floor, "select count(*) from loans").await, 1);
    assert_eq!(count(&floor, "select count(*) from projects where 'before-makerlab' = any(tags)").await, 1);
}

#[tokio::test]
async fn a_catalogue_that_nothing_keeps_up_with_is_refused_with_what_to_do() {
    let floor = Floor::new().await;
    let never = typed(&floor, &[]).await.unwrap_err().to_string();
    assert!(never.contains("never read whole") && never.contains("wait for its first sync"), "{never}");

    let (floor, _) = rita().await;
    let wait = "update snipeit_link set swept_at = swept_at - interval '11 minutes'";
    sqlx::query(wait).execute(&floor.pool).await.unwrap();
    for words in [&[][..], &["--apply"][..]] {
        let stale = typed(&floor, words).await.unwrap_err().to_string();
        assert!(stale.contains("more than 10 minutes ago") && stale.contains("wait for its next sweep"), "{stale}");
    }
    assert_eq!(count(&floor, "select count(*) from loans").await, 0);

    swept(&floor, || {}).await;
    assert!(says(&floor, &["--apply"]).await.contains("1 adopted"));
}
