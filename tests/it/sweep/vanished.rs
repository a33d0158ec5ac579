//! Assets that vanish leave no change behind: the list's total tells, and a full sync is asked for at once.

use super::*;
use makerlab_shared::domain::inventory::LabelKind;
use makerlab_tests::simulator::{Hands, NewAsset, READY};

/// By these the inventory is known again; and our loan's unit is the first that was asked for.
const STAYS: i64 = 10;

async fn large_lab() -> Lent {
    let options = SimulatorOptions { throttle: None, seed: Seed::sized(200, 2), ..SimulatorOptions::default() };
    let given = lent_on(Floor::beside(options, &[]).await).await;
    given.sweep().await;
    given
}

fn purge(hands: &Hands, assets: impl Iterator<Item = i64>) {
    for asset in assets {
        hands.delete(asset);
        hands.purge(asset);
    }
}

impl Lent {
    async fn is_sync_due(&self) -> bool {
        let due = "select due_at <= now() from jobs where kind = 'sync_catalogue' and state = 'open'";
        sqlx::query_scalar(due).fetch_one(&self.floor.pool).await.unwrap()
    }

    async fn sync(&self) {
        let job: uuid::Uuid =
            sqlx::query_scalar("select id from jobs where kind = 'sync_catalogue' and state = 'open'")
                .fetch_one(&self.floor.pool)
                .await
                .unwrap();
        self.floor.ring_now(JobId(job)).await;
    }

    async fn count(&self, presence: &str) -> i64 {
        let count = sqlx::query_scalar("select count(*) from equipment where presence = $1").bind(presence);
        count.fetch_one(&self.floor.pool).await.unwrap()
    }

    fn calls(&self) -> usize {
        self.floor.simulator.state().ledger().requests().len()
    }
}

#[tokio::test]
async fn a_hundred_and_fifty_assets_that_vanish_at_once_are_noticed_by_the_next_sweep_and_gone_after_one_sync() {
    let given = large_lab().await;
    let hands = given.floor.simulator.state().hands();
    let lent = given.asked.asset.0;
    purge(&hands, (STAYS..STAYS + 150).filter(|asset| *asset != lent).chain([lent]));

    given.sweep().await;
    assert!(given.is_sync_due().await);
    given.sync().await;

    assert_eq!(given.count("gone").await, if (STAYS..STAYS + 150).contains(&lent) { 150 } else { 151 });
    assert_eq!(given.floor.open_findings(given.asked.loan.0).await, ["unit_gone"]);
    given.sweep().await;
    assert!(!given.is_sync_due().await, "the cache has what the list shows");
}

#[tokio::test]
async fn a_list_that_never_adds_up_asks_for_two_syncs_and_then_for_one_an_hour() {
    let given = large_lab().await;
    given.floor.given_in_catalogue(9000, "NOT-THERE").await;
    sqlx::query("update equipment set seen_at = now() + interval '1 hour' where snipeit_asset_id = 9000")
        .execute(&given.floor.pool)
        .await
        .unwrap();

    for _ in 0..2 {
        given.sweep().await;
        assert!(given.is_sync_due().await);
        given.sync().await;
    }
    given.sweep().await;
    assert!(!given.is_sync_due().await);
    let before = given.calls();
    given.sweep().await;
    assert_eq!(given.calls() - before, 1, "and a quiet sweep costs one call again");

    let hour = "update snipeit_link set sync_called_at = sync_called_at - interval '1 hour'";
    sqlx::query(hour).execute(&given.floor.pool).await.unwrap();
    given.sweep().await;
    assert!(given.is_sync_due().await);
}

#[tokio::test]
async fn a_row_that_cannot_be_stored_makes_no_other_asset_that_comes_or_goes_cost_a_sync() {
    let given = large_lab().await;
    let state = given.floor.simulator.state();
    let (product, hands) = (state.product(), state.hands());
    let unread = hands.create_asset(NewAsset::of_model(1));
    product.lose(unread, "model");
    given.sweep().await;
    assert!(given.is_sync_due().await, "the list has one more");
    given.sync().await;
    given.sweep().await;
    assert!(!given.is_sync_due().await, "that sync could not store it");

    hands.create_asset(NewAsset::of_model(1));
    given.sweep().await;
    hands.archive(STAYS + 1);
    given.sweep().await;
    assert!(!given.is_sync_due().await);
    purge(&hands, [50].into_iter());
    given.sweep().await;
    assert!(given.is_sync_due().await, "what vanishes does");
    given.sync().await;
    given.sweep().await;
    assert!(!given.is_sync_due().await);

    product.find_again(unread);
    given.sync().await;
    given.sweep().await;
    assert!(!given.is_sync_due().await);
    assert_eq!(given.count("listed").await, 200);
}

#[tokio::test]
async fn an_archived_row_that_cannot_be_read_counts_as_what_the_cache_has_too_much() {
    let given = large_lab().await;
    let state = given.floor.simulator.state();
    state.product().lose(STAYS, "model");
    state.hands().archive(STAYS);

    given.sweep().await;
    assert!(given.is_sync_due().await);
    given.sync().await;
    given.sweep().await;

    assert!(!given.is_sync_due().await);
}

#[tokio::test]
async fn a_difference_that_appears_while_a_sync_is_running_is_looked_into_by_another() {
    let given = large_lab().await;
    purge(&given.floor.simulator.state().hands(), [50].into_iter());
    let lease = "update jobs set lease_until = now() + interval '1 minute' where kind = 'sync_catalogue'";
    sqlx::query(lease).execute(&given.floor.pool).await.unwrap();
    given.sweep().await;
    assert!(!given.is_sync_due().await, "it is being run");
    let ended = "update jobs set lease_until = null where kind = 'sync_catalogue'";
    sqlx::query(ended).execute(&given.floor.pool).await.unwrap();

    given.sweep().await;

    assert!(given.is_sync_due().await);
}

#[tokio::test]
async fn a_label_that_becomes_one_for_the_archive_takes_its_units_along_and_gives_them_back_without_a_full_sync() {
    let given = large_lab().await;
    let hands = given.floor.simulator.state().hands();

    hands.set_label_kind(READY, LabelKind::Archived);
    given.sweep().await;
    assert_eq!((given.count("listed").await, given.count("archived").await), (0, 200));
    assert_eq!(given.floor.open_findings(given.asked.loan.0).await, ["unit_archived"]);
    hands.set_label_kind(READY, LabelKind::Deployable);
    given.sweep().await;

    assert_eq!((given.count("listed").await, given.count("archived").await), (200, 0));
    assert_eq!(given.floor.open_findings(given.asked.loan.0).await, Vec::<String>::new());
    assert!(!given.is_sync_due().await);
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
    given.floor.simulator.state().hands().create_asset(NewAsset::of_model(1));

    given.sweep().await;

    let presence: String = sqlx::query_scalar("select presence from equipment where snipeit_asset_id = 20")
        .fetch_one(&given.floor.pool)
        .await
        .unwrap();
    assert_eq!(presence, "archived");
}

#[tokio::test]
async fn a_snipeit_that_shows_archived_assets_in_its_list_is_read_like_one_that_hides_them() {
    let given = large_lab().await;
    let state = given.floor.simulator.state();
    state.product().show_archived_in_list(true);
    state.hands().archive(given.asked.asset.0);
    state.hands().archive(199);

    for _ in 0..2 {
        given.sweep().await;
        assert!(!given.is_sync_due().await, "the total fits");
        assert_eq!((given.count("listed").await, given.count("archived").await), (198, 2));
        given.sync().await;
    }
    let counts: serde_json::Value = sqlx::query_scalar("select counts from sync_runs order by started_at desc limit 1")
        .fetch_one(&given.floor.pool)
        .await
        .unwrap();
    assert_eq!((&counts["listed"], &counts["archived"], &counts["missed"]), (&198.into(), &2.into(), &0.into()));
    let told: Vec<(String, String)> =
        sqlx::query_as("select kind, state from findings").fetch_all(&given.floor.pool).await.unwrap();
    assert_eq!(told, [("unit_archived".to_owned(), "open".to_owned())], "and it is told once");

    state.product().show_archived_in_list(false);
    given.sweep().await;
    assert!(given.is_sync_due().await, "the total tells that they are hidden from now on");
    given.sync().await;
    given.sweep().await;
    assert!(!given.is_sync_due().await);
    assert_eq!((given.count("listed").await, given.count("archived").await), (198, 2));
}
