//! Labels that the settings name, compared with those that Snipe-IT has: what is wrong is told, and nothing stops for it.

use chrono::{TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        finding::FindingKind,
        requisition::{Period, ReturnCondition, ReturnReport},
    },
    store::{catalogue, catalogue_reads, findings},
};
use makerlab_tests::{
    floor::Floor,
    simulator::{CallKind, Fault, Label, Page, RESERVED},
};
use makerlab_worker::catalogue::check_labels;
use uuid::Uuid;

async fn told(floor: &Floor) -> Option<String> {
    let mut conn = floor.pool.acquire().await.unwrap();
    let open = findings::find_open(&mut conn, FindingKind::LabelsWrong, Uuid::nil()).await.unwrap();
    open.map(|finding| finding.summary)
}

async fn count_told(floor: &Floor) -> i64 {
    let count = sqlx::query_scalar("select count(*) from findings where kind = 'labels_wrong'");
    count.fetch_one(&floor.pool).await.unwrap()
}

fn rename(floor: &Floor, label: i64, name: &str) {
    let mut inventory = floor.simulator.state().inventory();
    let Label { name: current, .. } = inventory.labels.get_mut(&label).unwrap();
    name.clone_into(current);
}

#[tokio::test]
async fn a_label_chosen_by_name_is_set_by_the_check_in_under_whatever_number_it_has() {
    let floor = Floor::with(&[("SNIPEIT_LABEL_DAMAGED", "out for REPAIR")], None).await;
    check_labels(&floor.worker).await.unwrap();
    let lent = floor.given_checked_out().await;
    let report = ReturnReport::new(ReturnCondition::Damaged, Some("It smokes".to_owned())).unwrap();

    let back = floor.given_return_as(lent, report).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;

    assert_eq!(floor.simulator.state().inventory().find_asset(back.asset.0).unwrap().label_id, 5);
    assert_eq!(told(&floor).await, None);
}

#[tokio::test]
async fn a_label_that_is_missing_is_told_once_at_the_start_and_the_unit_comes_back_without_it() {
    let floor = Floor::with(&[("SNIPEIT_LABEL_DAMAGED", "Broken")], None).await;

    check_labels(&floor.worker).await.unwrap();
    check_labels(&floor.worker).await.unwrap();

    let summary = "SNIPEIT_LABEL_DAMAGED names “Broken”, and Snipe-IT has no such status label";
    assert_eq!((told(&floor).await.as_deref(), count_told(&floor).await), (Some(summary), 1));
    let lent = floor.given_checked_out().await;
    let report = ReturnReport::new(ReturnCondition::Damaged, Some("It smokes".to_owned())).unwrap();
    let back = floor.given_return_as(lent, report).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;
    assert_eq!(floor.simulator.state().inventory().find_asset(back.asset.0).unwrap().label_id, 2);
}

#[tokio::test]
async fn the_sync_tells_another_fault_anew_and_closes_it_when_snipeit_is_right() {
    let settings = [("SNIPEIT_LABEL_DAMAGED", "Out for repair"), ("SNIPEIT_LABEL_LOST", "Ready to Deploy")];
    let floor = Floor::with(&settings, None).await;
    let sync = floor.given_synced().await;
    assert!(told(&floor).await.unwrap().contains("SNIPEIT_LABEL_LOST names “Ready to Deploy”, which is deployable"));

    rename(&floor, 5, "In the workshop");
    floor.ring_now(sync).await;
    assert!(told(&floor).await.unwrap().contains("SNIPEIT_LABEL_DAMAGED names “Out for repair”"));
    rename(&floor, 5, "Out for repair");
    rename(&floor, 2, "Ready");
    rename(&floor, 6, "Ready to Deploy");
    floor.ring_now(sync).await;

    assert_eq!((told(&floor).await, count_told(&floor).await), (None, 2));
    assert_eq!(floor.pause_cause().await, None);
}

#[tokio::test]
async fn units_with_a_label_that_the_lab_has_not_chosen_are_not_lent_until_it_does() {
    let floor = Floor::with(&[("SNIPEIT_LABELS_FREE", "ready to deploy, 99")], None).await;
    let unit = floor.catalogue.units[0];
    floor.simulator.state().hands().set_label(unit.snipeit_asset_id.0, RESERVED);
    floor.given_synced().await;
    let free = async |floor: &Floor| {
        let mut conn = floor.pool.acquire().await.unwrap();
        let period = Period { starts_at: Utc::now(), due_at: Utc::now() + TimeDelta::days(1) };
        let chosen = catalogue::choose_named_unit(&mut conn, unit.id, period).await.unwrap().is_some();
        let units = catalogue_reads::list_units(&mut conn, floor.people.model).await.unwrap();
        (chosen, units.iter().find(|listed| listed.id == unit.id).unwrap().is_free)
    };

    assert_eq!(free(&floor).await, (false, false));
    assert!(told(&floor).await.unwrap().contains("SNIPEIT_LABELS_FREE names 99"));

    check_labels(&floor.another_worker(&[])).await.unwrap();
    assert_eq!(free(&floor).await, (true, true));
    assert_eq!(told(&floor).await, None);
}

#[tokio::test]
async fn labels_that_cannot_be_read_at_the_start_are_no_finding() {
    let floor = Floor::with(&[("SNIPEIT_LABEL_DAMAGED", "Broken")], None).await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Labels).instead(Page::ServerError));

    assert!(check_labels(&floor.worker).await.is_err());

    assert_eq!(told(&floor).await, None);
}

#[tokio::test]
async fn labels_on_a_later_page_are_there_too() {
    let floor = Floor::with(&[("SNIPEIT_LABEL_DAMAGED", "Out for Repair")], None).await;
    floor.simulator.state().product().set_max_results(2);

    check_labels(&floor.worker).await.unwrap();

    assert_eq!(told(&floor).await, None);
    let known: i64 = sqlx::query_scalar("select count(*) from status_labels").fetch_one(&floor.pool).await.unwrap();
    assert_eq!(known as usize, floor.simulator.state().inventory().labels.len());
}
