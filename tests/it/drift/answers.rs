//! A finding is raised once, closes itself, and is answered only as long as it is true.

use super::*;

#[tokio::test]
async fn a_finding_closes_itself_when_snipeit_and_the_record_agree_again() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().set_label(lent.asked.asset.0, OUT_FOR_REPAIR);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_not_deployable"]);

    lent.hands().set_label(lent.asked.asset.0, READY);
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_not_deployable".to_owned(), Some("passed".to_owned()))]);
}

#[tokio::test]
async fn what_is_ignored_is_told_again_when_it_has_changed_and_not_before() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().set_label(lent.asked.asset.0, OUT_FOR_REPAIR);
    lent.sweep().await;
    lent.answer(Resolution::Ignored).await.unwrap();

    lent.sweep().await;
    lent.floor.ring_now(lent.sync).await;
    assert_eq!(lent.open().await, Vec::<String>::new());

    lent.hands().set_label(lent.asked.asset.0, READY);
    lent.sweep().await;
    lent.hands().set_label(lent.asked.asset.0, OUT_FOR_REPAIR);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_not_deployable"]);
}

#[tokio::test]
async fn two_workers_that_see_the_same_drift_raise_one_finding() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
    let other = lent.floor.another_worker(&[]);

    lent.floor.make_due(lent.sync).await;
    let (_, synced) = tokio::join!(lent.sweep(), makerlab_worker::jobs::run(&other, lent.sync));
    synced.unwrap();
    lent.sweep().await;

    assert_eq!(lent.resolutions().await, [("unit_with_another".to_owned(), None)]);
}

#[tokio::test]
async fn an_answer_about_what_snipeit_does_not_show_any_more_or_while_a_return_is_under_way_is_refused() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
    lent.sweep().await;
    lent.floor.given_return_requested(lent.asked).await;
    assert!(matches!(lent.answer(Resolution::Adopted).await, Err(AnswerRefused::UnderWay)));

    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
    lent.sweep().await;
    sqlx::query("update equipment set holder_id = 4 where snipeit_asset_id = $1")
        .bind(lent.asked.asset.0)
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    assert!(matches!(lent.answer(Resolution::Adopted).await, Err(AnswerRefused::DriftChanged)));
    assert_eq!(lent.loan().await.status, LoanStatus::CheckedOut);
}
