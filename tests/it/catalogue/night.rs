//! Once in each night of the lab a full sync is the comparison of the day, whatever happens around it.

use super::*;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        change::Change,
        id::JobId,
        job::{DueTime, JobKind, Lane, NewJob},
        night::{next_night, night_of},
    },
    store::{clock, jobs},
};
use makerlab_tests::simulator::{Fault, Page};
use makerlab_worker::jobs::Ran;
use sqlx::{Connection, PgConnection};

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Lisbon;

async fn now(floor: &Floor) -> DateTime<Utc> {
    clock::now(&mut floor.pool.acquire().await.unwrap()).await.unwrap()
}

/// Moves the lab's clock ahead to so long before the next night.
async fn shortly_before_night(floor: &Floor, before: TimeDelta) -> NaiveDate {
    let wanted = next_night(now(floor).await + before, ZONE);
    move_to(floor, wanted - before).await;
    night_of(wanted, ZONE)
}

async fn move_to(floor: &Floor, moment: DateTime<Utc>) {
    let mut owner = PgConnection::connect(&floor.database.owner_url()).await.unwrap();
    sqlx::query("select move_lab_clock($1 - lab_now())").bind(moment).execute(&mut owner).await.unwrap();
}

/// Of which night each run was the comparison, the oldest first.
async fn nights(floor: &Floor) -> Vec<Option<NaiveDate>> {
    let nights = sqlx::query_scalar("select night from sync_runs order by started_at");
    nights.fetch_all(&floor.pool).await.unwrap()
}

/// How long the job waits, in minutes.
async fn waits(floor: &Floor, job: JobId) -> i64 {
    let wait = "select ceil(extract(epoch from due_at - now()) / 60)::bigint from jobs where id = $1";
    sqlx::query_scalar(wait).bind(job.0).fetch_one(&floor.pool).await.unwrap()
}

#[tokio::test]
async fn a_sync_comes_round_as_the_same_job_and_can_be_hurried() {
    let floor = Floor::new().await;
    shortly_before_night(&floor, TimeDelta::hours(12)).await;

    let job = floor.given_synced().await;

    let (state, runs): (String, i32) =
        sqlx::query_as("select state, runs from jobs where id = $1").bind(job.0).fetch_one(&floor.pool).await.unwrap();
    assert_eq!((state.as_str(), runs, waits(&floor, job).await), ("open", 0, 360));
    let mut conn = floor.pool.acquire().await.unwrap();
    assert!(jobs::hurry_kind(&mut conn, JobKind::SyncCatalogue).await.unwrap());
    drop(conn);
    assert_eq!(floor.ring(job).await, Ran::Settled);
    assert_eq!(errors(&floor).await, [None, None]);
}

#[tokio::test]
async fn the_sync_comes_when_the_night_begins_and_is_its_comparison_once() {
    let floor = Floor::new().await;
    let tonight = shortly_before_night(&floor, TimeDelta::minutes(30)).await;
    let job = floor.given_synced().await;
    assert_eq!(waits(&floor, job).await, 30, "rather than six hours");

    floor.database.move_lab_clock_to(job.0).await;
    assert_eq!(floor.ring(job).await, Ran::Settled);
    assert_eq!(waits(&floor, job).await, 360);
    floor.ring_now(job).await;

    assert_eq!(nights(&floor).await, [Some(tonight - chrono::Days::new(1)), Some(tonight), None]);
}

#[tokio::test]
async fn a_worker_that_is_started_again_neither_moves_it_nor_adds_another() {
    let floor = Floor::new().await;
    shortly_before_night(&floor, TimeDelta::minutes(30)).await;
    let job = floor.given_synced().await;

    let scheduled = NewJob::on_its_own(JobKind::SyncCatalogue, Lane::Bulk, DueTime::AtOnce);
    floor.write(&Change { jobs: vec![scheduled], ..Change::default() }).await;

    assert_eq!((floor.count_open("sync_catalogue").await, waits(&floor, job).await), (1, 30));
}

#[tokio::test]
async fn a_night_in_which_snipeit_is_down_has_its_comparison_when_it_is_back() {
    let floor = Floor::new().await;
    let tonight = shortly_before_night(&floor, TimeDelta::minutes(30)).await;
    let job = floor.given_synced().await;
    floor.database.move_lab_clock_to(job.0).await;
    floor.simulator.state().faults().add(Fault::on_every_call().instead(Page::BadGateway));
    floor.ring(job).await;
    assert!(errors(&floor).await.last().unwrap().is_some());

    move_to(&floor, now(&floor).await + TimeDelta::hours(7)).await;
    floor.ring_now(job).await;
    floor.ring_now(job).await;

    let yesterday = tonight - chrono::Days::new(1);
    assert_eq!(nights(&floor).await, [Some(yesterday), Some(tonight), Some(tonight), None], "the first ended in vain");
}

#[tokio::test]
async fn a_sync_that_was_under_way_when_the_night_began_is_followed_by_its_comparison_at_once() {
    let floor = Floor::new().await;
    let tonight = shortly_before_night(&floor, TimeDelta::minutes(30)).await;
    let job = floor.given_synced().await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Users).instead(Page::BadGateway));
    floor.ring_now(job).await;
    move_to(&floor, now(&floor).await + TimeDelta::hours(1)).await;

    floor.ring_now(job).await;
    assert!(waits(&floor, job).await <= 0);
    floor.ring(job).await;

    assert_eq!(nights(&floor).await, [Some(tonight - chrono::Days::new(1)), None, Some(tonight)]);
    assert_eq!(waits(&floor, job).await, 360);
}
