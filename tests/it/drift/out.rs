//! What is out by our record and shown otherwise waits for a person, and each answer does what it says.

use super::*;

#[tokio::test]
async fn somebody_else_who_holds_the_unit_is_told_once_and_adopting_it_returns_the_loan() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();

    lent.sweep().await;
    lent.floor.ring_now(lent.sync).await;
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_with_another"]);
    assert_eq!(lent.loan().await.status, LoanStatus::CheckedOut, "the record stands until a person decides");

    lent.answer(Resolution::Adopted).await.unwrap();

    assert_eq!(lent.loan().await.status, LoanStatus::Returned);
    let (event, actor, _) = lent.history().await.pop().unwrap();
    assert_eq!((event.as_str(), actor.as_str()), ("return_adopted", "snipeit"));
    assert_eq!(lent.count_letters("returned").await, 1);
    assert_eq!(lent.floor.holder(lent.asked.asset), Some(SOMEBODY_ELSE), "nothing is sent");
}

#[tokio::test]
async fn a_unit_that_vanished_from_its_borrower_is_checked_out_anew_by_the_ordinary_protocol() {
    let lent = confirmed().await;
    lent.hands().take_away(lent.asked.asset.0);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_not_held"]);

    lent.answer(Resolution::Reapplied).await.unwrap();
    assert_eq!(lent.loan().await.status, LoanStatus::HandedOver);
    lent.floor.work_until("out again", async |f: &Floor| f.loan_status(lent.asked.loan).await == "checked_out").await;
    lent.sweep().await;

    assert_eq!(lent.floor.holder(lent.asked.asset), Some(lent.borrower()));
    let operations = lent.floor.dossier(lent.asked.requisition).await.operations;
    assert!(operations.len() == 2 && operations.iter().all(|operation| operation.confirmed_at.is_some()));
    assert_eq!(lent.open().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_unit_taken_back_and_given_again_by_hand_goes_on_by_that_check_out_and_comes_back_by_ours() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, lent.borrower(), Handover::Now).unwrap();
    lent.sweep().await;
    assert_eq!(lent.open().await, ["checked_out_again"]);

    lent.answer(Resolution::Adopted).await.unwrap();
    lent.sweep().await;
    assert_eq!(lent.open().await, Vec::<String>::new());

    let back = lent.floor.given_return_requested(lent.asked).await;
    lent.floor.work_until("back", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;
    assert_eq!(lent.floor.holder(lent.asked.asset), None);
    assert_eq!(lent.floor.operation_state(back.operation).await, "applied");
}

#[tokio::test]
async fn a_unit_that_was_handed_over_and_is_not_checked_out_any_more_is_compared_like_one_that_is_out() {
    let lent = confirmed().await;
    lent.hands().take_away(lent.asked.asset.0);
    lent.sweep().await;
    lent.answer(Resolution::Reapplied).await.unwrap();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
    let is_refused = async |f: &Floor| f.all_open_findings().await.contains(&"hand_over_refused".to_owned());
    lent.floor.work_until("the check-out is refused", is_refused).await;
    sqlx::query(
        "update findings set state = 'settled', resolution = 'acknowledged', settled_at = now()
         where kind = 'hand_over_refused'",
    )
    .execute(&lent.floor.pool)
    .await
    .unwrap();
    assert_eq!(lent.loan().await.status, LoanStatus::HandedOver);

    lent.sweep().await;
    assert_eq!(lent.open().await, ["unit_with_another"]);
    lent.answer(Resolution::Adopted).await.unwrap();

    assert_eq!(lent.loan().await.status, LoanStatus::Returned);
    assert_eq!(lent.floor.holder(lent.asked.asset), Some(SOMEBODY_ELSE), "nothing is sent");
}

#[tokio::test]
async fn another_day_on_which_a_unit_is_expected_is_told_and_either_side_may_follow() {
    let lent = confirmed().await;
    let due_day = lent.loan().await.period.due_at.date_naive();
    let moved = due_day + chrono::Days::new(5);
    lent.hands().expect_back(lent.asked.asset.0, moved);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["due_date_moved"]);

    lent.answer(Resolution::Reapplied).await.unwrap();
    let is_ours = async |f: &Floor| {
        let inventory = f.simulator.state().inventory();
        inventory.find_asset(lent.asked.asset.0).unwrap().expected_checkin == Some(due_day)
    };
    lent.floor.work_until("our day is set anew", is_ours).await;
    lent.sweep().await;
    assert_eq!(lent.open().await, Vec::<String>::new());

    lent.hands().expect_back(lent.asked.asset.0, moved);
    lent.sweep().await;
    lent.answer(Resolution::Adopted).await.unwrap();
    lent.sweep().await;

    assert_eq!(lent.loan().await.period.due_at.with_timezone(&chrono_tz::Europe::Lisbon).date_naive(), moved);
    assert_eq!(lent.count_letters("due_date_changed").await, 1);
    assert_eq!(lent.open().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_effect_that_vanished_before_it_was_seen_has_its_fix_once_a_person_has_read_of_it() {
    let lent = given(async |floor: &Floor| {
        let asked = floor.given_checked_out().await;
        let hands = floor.simulator.state().hands();
        hands.check_in(asked.asset.0).unwrap();
        hands.check_out(asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
        asked
    })
    .await;
    assert_eq!(lent.floor.all_open_findings().await, ["effect_not_seen"]);

    sqlx::query("update findings set state = 'settled', resolution = 'acknowledged', settled_at = now()")
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    lent.floor.ring_now(lent.sync).await;
    assert_eq!(lent.open().await, ["unit_with_another"]);
    lent.answer(Resolution::Adopted).await.unwrap();

    assert_eq!(lent.loan().await.status, LoanStatus::Returned);
}
