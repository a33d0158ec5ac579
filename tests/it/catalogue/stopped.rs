//! A sync that does not come to its end leaves nothing half done, and goes on or begins anew.

use super::*;
use makerlab_tests::simulator::{Fault, Page, Trouble};

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
    let counts = counts(&floor).await;
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
