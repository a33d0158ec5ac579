//! The full sync: what Snipe-IT lists comes in, what it lists no more is marked, and trouble changes nothing.

use std::collections::BTreeMap;

use makerlab_shared::{
    domain::job::JobKind,
    store::{jobs, link},
};
use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, Fault, Page, Seed, Simulator, SimulatorOptions, Trouble},
};
use makerlab_worker::jobs::Ran;

fn unthrottled(seed: Seed) -> SimulatorOptions {
    SimulatorOptions { throttle: None, seed, ..SimulatorOptions::default() }
}

fn calls(floor: &Floor, kind: CallKind) -> usize {
    floor.simulator.state().ledger().count_calls(kind)
}

async fn by_presence(floor: &Floor) -> BTreeMap<String, i64> {
    let counts = sqlx::query_as("select presence, count(*) from equipment group by presence");
    counts.fetch_all(&floor.pool).await.unwrap().into_iter().collect()
}

/// Everything in the cache but when it was seen.
async fn cache(floor: &Floor) -> Vec<String> {
    let rows = sqlx::query_scalar(
        "select (to_jsonb(equipment) - 'seen_at')::text from equipment
         union all select (to_jsonb(equipment_models) - 'seen_at')::text from equipment_models order by 1",
    );
    rows.fetch_all(&floor.pool).await.unwrap()
}

/// Errors of the rounds so far, the oldest first; null where a round succeeded.
async fn errors(floor: &Floor) -> Vec<Option<String>> {
    let errors = sqlx::query_scalar("select error from sync_runs where finished_at is not null order by started_at");
    errors.fetch_all(&floor.pool).await.unwrap()
}

async fn presence(floor: &Floor, asset: i64) -> String {
    let presence = sqlx::query_scalar("select presence from equipment where snipeit_asset_id = $1").bind(asset);
    presence.fetch_one(&floor.pool).await.unwrap()
}

/// An asset that the cache knows and Snipe-IT does not.
async fn remember_unknown_asset(floor: &Floor) {
    floor.given_in_catalogue(999, "OLD-999").await;
}

#[tokio::test]
async fn a_sync_takes_one_call_a_page_and_fills_the_catalogue() {
    let floor = Floor::beside(unthrottled(Seed::sized(1203, 7)), &[]).await;

    floor.given_synced().await;

    assert_eq!(by_presence(&floor).await, BTreeMap::from([("listed".to_owned(), 1203)]));
    assert_eq!(calls(&floor, CallKind::List), 3 + 1 + 1);
    assert_eq!((calls(&floor, CallKind::Models), calls(&floor, CallKind::Labels)), (1, 1));
    assert_eq!(errors(&floor).await, [None]);
}

#[tokio::test]
async fn archived_and_deleted_assets_are_in_the_catalogue_and_marked() {
    let floor = Floor::new().await;
    floor.simulator.state().hands().archive(1);
    floor.simulator.state().hands().delete(2);

    floor.given_synced().await;

    assert_eq!(presence(&floor, 1).await, "archived");
    assert_eq!(presence(&floor, 2).await, "deleted");
    assert_eq!(presence(&floor, 3).await, "listed");
}

#[tokio::test]
async fn what_each_unit_cost_comes_with_it() {
    let floor = Floor::new().await;

    floor.given_synced().await;

    let costs: Vec<Option<i64>> =
        sqlx::query_scalar("select distinct purchase_cost_cents from equipment").fetch_all(&floor.pool).await.unwrap();
    assert_eq!(costs, [Some(1511)]);
}

#[tokio::test]
async fn an_asset_that_no_list_shows_is_asked_for_and_marked_as_gone_and_never_deleted() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    remember_unknown_asset(&floor).await;

    floor.ring_now(job).await;

    assert_eq!(presence(&floor, 999).await, "gone");
    let asked_for_999 = |path: &str| path.ends_with("/hardware/999");
    assert_eq!(floor.simulator.state().ledger().requests().iter().filter(|r| asked_for_999(&r.path)).count(), 1);
}

#[tokio::test]
async fn an_asset_that_was_gone_and_is_listed_again_is_back() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    sqlx::query("update equipment set presence = 'gone' where snipeit_asset_id = 3")
        .execute(&floor.pool)
        .await
        .unwrap();

    floor.ring_now(job).await;

    assert_eq!(presence(&floor, 3).await, "listed");
}

#[tokio::test]
async fn a_sync_that_fails_at_once_leaves_everything_as_it_was() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    remember_unknown_asset(&floor).await;
    floor.simulator.state().hands().rename(1, "renamed meanwhile");
    let before = cache(&floor).await;
    let down = Trouble::Instead(Page::Maintenance);
    floor.simulator.state().faults().add(Fault::on_every_call().until_cleared().trouble(down));

    floor.ring_now(job).await;

    assert_eq!(cache(&floor).await, before);
    let errors = errors(&floor).await;
    assert!(errors[1].as_ref().unwrap().contains("no usable answer"), "{errors:?}");
}

#[tokio::test]
async fn a_sync_that_is_stopped_in_the_middle_marks_nothing_as_gone_and_goes_on_behind_its_last_page() {
    let floor = Floor::beside(unthrottled(Seed::sized(1203, 3)), &[]).await;
    let job = floor.given_synced().await;
    floor.given_in_catalogue(9999, "OLD-9999").await;
    let lost = Trouble::Instead(Page::BadGateway);
    for _ in 0..2 {
        floor.simulator.state().faults().add(Fault::on(CallKind::List).delay_before(std::time::Duration::ZERO));
    }
    floor.simulator.state().faults().add(Fault::on(CallKind::List).trouble(lost));
    let before = calls(&floor, CallKind::List);

    floor.ring_now(job).await;
    assert_eq!(presence(&floor, 9999).await, "listed");
    assert_eq!(errors(&floor).await, [None], "it has not ended");

    floor.ring_now(job).await;
    assert_eq!(presence(&floor, 9999).await, "gone");
    assert_eq!(errors(&floor).await, [None, None]);
    // Three pages of what is listed, one of which was asked for twice, and the two short lists.
    assert_eq!(calls(&floor, CallKind::List) - before, 3 + 1 + 1 + 1);
    let counts: serde_json::Value = sqlx::query_scalar("select counts from sync_runs order by started_at desc limit 1")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!((&counts["resumed"], &counts["listed"]), (&1.into(), &1203.into()));
}

#[tokio::test]
async fn a_sync_that_was_stopped_too_long_ago_begins_anew() {
    let floor = Floor::beside(unthrottled(Seed::sized(600, 3)), &[]).await;
    let job = floor.given_synced().await;
    let long_ago = r#"insert into sync_runs (id, kind, started_at, progress)
                      values (gen_random_uuid(), 'catalogue', clock_timestamp() - interval '61 minutes',
                              '{"passes": 2, "offset": 0, "unreadable": [], "counts": {}}')"#;
    sqlx::query(long_ago).execute(&floor.pool).await.unwrap();
    let before = calls(&floor, CallKind::List);

    floor.ring_now(job).await;

    assert_eq!(calls(&floor, CallKind::List) - before, 2 + 1 + 1);
    assert!(errors(&floor).await.iter().flatten().any(|error| error.contains("interrupted")));
}

#[tokio::test]
async fn older_sight_never_wins_over_newer() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    sqlx::query(
        "update equipment set name = 'seen later', seen_at = now() + interval '1 hour' where snipeit_asset_id = 1",
    )
    .execute(&floor.pool)
    .await
    .unwrap();

    floor.ring_now(job).await;

    let name: String = sqlx::query_scalar("select name from equipment where snipeit_asset_id = 1")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert_eq!(name, "seen later");
}

#[tokio::test]
async fn a_sync_comes_round_as_the_same_job_and_can_be_hurried() {
    let floor = Floor::new().await;

    let job = floor.given_synced().await;

    let (state, runs, waits): (String, i32, bool) =
        sqlx::query_as("select state, runs, due_at > now() + interval '59 minutes' from jobs where id = $1")
            .bind(job.0)
            .fetch_one(&floor.pool)
            .await
            .unwrap();
    assert_eq!((state.as_str(), runs, waits), ("open", 0, true));
    let mut conn = floor.pool.acquire().await.unwrap();
    assert!(jobs::hurry_kind(&mut conn, JobKind::SyncCatalogue).await.unwrap());
    drop(conn);
    assert_eq!(floor.ring(job).await, Ran::Settled);
    assert_eq!(errors(&floor).await, [None, None]);
}

#[tokio::test]
async fn a_sync_whose_worker_was_killed_is_ended_by_the_next_one() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    let left =
        "insert into sync_runs (id, kind, started_at) values (gen_random_uuid(), 'catalogue', clock_timestamp())";
    sqlx::query(left).execute(&floor.pool).await.unwrap();

    floor.ring_now(job).await;

    let interrupted = "interrupted: its worker ended on the way".to_owned();
    assert_eq!(errors(&floor).await, [None, Some(interrupted), None]);
}

#[tokio::test]
async fn a_sync_that_runs_out_of_budget_comes_again_without_a_429() {
    let throttled = SimulatorOptions { seed: Seed::sized(1000, 2), ..SimulatorOptions::default() };
    let floor = Floor::beside(throttled, &[]).await;
    // Beside the reserve and what bulk work leaves to others, one call remains.
    sqlx::query("update call_budget set used = 90, first_taken_at = now()").execute(&floor.pool).await.unwrap();

    let job = floor.given_synced().await;

    assert!(errors(&floor).await[0].as_ref().unwrap().contains("budget"));
    assert_eq!(calls(&floor, CallKind::List), 0);
    let runs: i32 =
        sqlx::query_scalar("select runs from jobs where id = $1").bind(job.0).fetch_one(&floor.pool).await.unwrap();
    assert_eq!(runs, 0);
}

#[tokio::test]
async fn another_inventory_pauses_everything_until_a_person_says_that_it_is_right() {
    let mut floor = Floor::new().await;
    let job = floor.given_synced().await;
    let before = cache(&floor).await;
    floor.simulator = Simulator::start(unthrottled(Seed::sized(10, 1))).unwrap();
    floor.worker = floor.another_worker(&[]);

    floor.ring_now(job).await;

    assert_eq!(floor.all_open_findings().await, ["inventory_changed"]);
    assert_eq!(cache(&floor).await, before);
    let mut conn = floor.pool.acquire().await.unwrap();
    let pause = link::load(&mut conn).await.unwrap().pause.unwrap();
    assert!(pause.cause.contains("SNIPEIT_URL is "), "{}", pause.cause);
    let no_wait = std::time::Duration::ZERO;
    assert!(!link::claim_probe(&mut conn, no_wait).await.unwrap());

    link::forget_inventory(&mut conn).await.unwrap();
    assert!(!link::resume(&mut conn).await.unwrap(), "no probe may end this pause");
    link::resume_for_person(&mut conn).await.unwrap();
    drop(conn);
    floor.ring_now(job).await;
    assert_ne!(cache(&floor).await, before);
    assert_eq!(errors(&floor).await.last().unwrap(), &None);
}

#[tokio::test]
async fn another_database_behind_the_same_address_is_recognised_by_its_assets() {
    let floor = Floor::new().await;
    let job = floor.given_synced().await;
    sqlx::query(
        r#"update snipeit_link set landmarks = '[{"id": 1, "tag": "X1"}, {"id": 2, "tag": "X2"}, {"id": 3, "tag": "ML-00003"}]'"#,
    )
    .execute(&floor.pool)
    .await
    .unwrap();

    floor.ring_now(job).await;

    assert_eq!(floor.all_open_findings().await, ["inventory_changed"]);
}

/// What the latest full sync says of the sweeps: compared, missed, and which fields differed of what.
async fn comparison(floor: &Floor) -> (i64, i64, serde_json::Value) {
    let counts: serde_json::Value = sqlx::query_scalar("select counts from sync_runs order by started_at desc limit 1")
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    let number = |name: &str| counts[name].as_i64().unwrap();
    (number("compared"), number("missed"), counts["differences"].clone())
}

#[tokio::test]
async fn a_full_sync_proves_that_the_sweeps_have_missed_nothing_or_lists_what_they_missed() {
    let floor = Floor::new().await;
    let sync = floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    floor.simulator.state().hands().rename(5, "brought by the sweep");
    floor.ring_now(sweep).await;
    floor.ring_now(sync).await;
    let (compared, missed, _) = comparison(&floor).await;
    assert!(compared > 20);
    assert_eq!(missed, 0);

    // As if a sweep had not stored what it had read.
    sqlx::query("update equipment set name = 'of before' where snipeit_asset_id = 5")
        .execute(&floor.pool)
        .await
        .unwrap();
    sqlx::query("update snipeit_link set swept_at = now() + interval '1 minute'").execute(&floor.pool).await.unwrap();
    floor.ring_now(sync).await;

    let (_, missed, differences) = comparison(&floor).await;
    assert_eq!(missed, 1);
    assert_eq!((&differences[0]["snipeit_asset_id"], &differences[0]["fields"]), (&5.into(), &vec!["name"].into()));
}
