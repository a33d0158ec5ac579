//! What is promised and cannot be handed over like that gets another unit, or is told.

use super::*;

#[tokio::test]
async fn a_promised_unit_that_was_lent_to_its_borrower_by_hand_is_the_loan_and_nothing_is_sent() {
    let lent = promised(TimeDelta::hours(6)).await;
    sqlx::query("update users set snipeit_user_id = $1 where id = $2")
        .bind(lent.borrower())
        .bind(lent.floor.people.student.id.0)
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    lent.hands().check_out(lent.asked.asset.0, lent.borrower(), Handover::Now).unwrap();
    lent.sweep().await;
    assert_eq!(lent.open().await, ["lent_by_hand"]);

    lent.answer(Resolution::Adopted).await.unwrap();
    lent.sweep().await;

    let dossier = lent.floor.dossier(lent.asked.requisition).await;
    assert_eq!(dossier.loans[0].status, LoanStatus::CheckedOut);
    assert_eq!(dossier.operations[0].state, OperationState::Abandoned);
    assert_eq!(lent.open().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_promise_whose_unit_is_archived_gets_another_one_and_its_finding_closes() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().archive(lent.asked.asset.0);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_archived"]);

    lent.answer(Resolution::Adopted).await.unwrap();
    let other = async |f: &Floor| f.asset_of(lent.asked.loan).await != lent.asked.asset;
    lent.floor.work_until("another unit", other).await;
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_archived".to_owned(), Some("adopted".to_owned()))]);
}

#[tokio::test]
async fn a_loan_that_is_over_leaves_no_finding_behind() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().archive(lent.asked.asset.0);
    lent.floor.ring_now(lent.sync).await;
    assert_eq!(lent.open().await, ["unit_archived"]);

    let dossier = lent.floor.dossier(lent.asked.requisition).await;
    lent.floor.write(&dossier.cancel(lent.floor.people.student.id, Utc::now()).unwrap()).await;
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_archived".to_owned(), Some("passed".to_owned()))]);
}

#[tokio::test]
async fn a_unit_that_was_exchanged_by_rule_leaves_no_finding_behind_though_nothing_new_is_seen_of_the_other() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().archive(lent.asked.asset.0);
    lent.floor.ring_now(lent.sync).await;
    assert_eq!(lent.open().await, ["unit_archived"]);

    lent.floor.given_job_of(NewJob::look_at_promise(lent.asked.loan)).await;
    let other = async |f: &Floor| f.asset_of(lent.asked.loan).await != lent.asked.asset;
    lent.floor.work_until("another unit", other).await;
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_archived".to_owned(), Some("passed".to_owned()))]);
}

#[tokio::test]
async fn a_promised_unit_with_a_label_that_the_lab_does_not_lend_is_told_until_the_lab_lends_it() {
    let floor = Floor::with(&[("SNIPEIT_LABELS_FREE", "Ready to Deploy")], None).await;
    let lent = given_on(floor, async |floor: &Floor| floor.given_promised(TimeDelta::days(2)).await).await;
    lent.hands().set_label(lent.asked.asset.0, RESERVED);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_not_deployable"]);

    check_labels(&lent.floor.another_worker(&[])).await.unwrap();
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_not_deployable".to_owned(), Some("passed".to_owned()))]);
}
