//! What somebody takes back at the counter is returned, once, with Snipe-IT's own time.

use super::*;

#[tokio::test]
async fn a_return_made_by_hand_at_the_counter_closes_the_loan_with_snipeits_time_and_tells_the_borrower() {
    let lent = confirmed().await;
    let before: DateTime<Utc> = Utc::now();
    lent.take_back_by_hand();

    lent.sweep().await;

    let loan = lent.loan().await;
    assert_eq!(loan.status, LoanStatus::Returned);
    let age = before - loan.returned_at.unwrap();
    assert!(age.abs() < TimeDelta::seconds(5), "it was given back then, not when we noticed: {age}");
    assert_eq!(lent.floor.requisition_status(lent.asked.requisition).await, "returned");
    let (event, actor, reason) = lent.history().await.pop().unwrap();
    assert_eq!((event.as_str(), actor.as_str()), ("return_adopted", "snipeit"));
    assert!(reason.unwrap().starts_with("checked in by hand in Snipe-IT at "));
    assert_eq!(lent.count_letters("returned").await, 1);
    assert_eq!(lent.floor.all_open_findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn it_is_adopted_once_however_often_it_is_seen_and_by_whom() {
    let lent = confirmed().await;
    lent.take_back_by_hand();

    tokio::join!(lent.sweep(), lent.floor.ring_now(lent.sync));
    lent.sweep().await;

    assert_eq!(lent.history().await.iter().filter(|(event, ..)| event == "return_adopted").count(), 1);
    assert_eq!(lent.count_letters("returned").await, 1);
}

#[tokio::test]
async fn a_full_sync_adopts_it_too() {
    let lent = confirmed().await;
    lent.take_back_by_hand();

    lent.floor.ring_now(lent.sync).await;

    assert_eq!(lent.loan().await.status, LoanStatus::Returned);
}

#[tokio::test]
async fn a_return_that_was_asked_for_meanwhile_goes_its_own_way_and_is_told_once() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    let back = lent.floor.given_return_requested(lent.asked).await;

    lent.sweep().await;
    assert_eq!(lent.loan().await.status, LoanStatus::CheckedOut);
    lent.floor.work_until("back", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;
    lent.sweep().await;

    assert_eq!(lent.history().await.iter().filter(|(event, ..)| event == "return_adopted").count(), 0);
    assert_eq!(lent.count_letters("returned").await, 1);
    assert_eq!(lent.floor.all_open_findings().await, Vec::<String>::new());
}
