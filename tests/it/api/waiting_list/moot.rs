//! What is over before anybody was told: a unit that is kept, and somebody who waits.

use super::{Line, a_line};
use crate::api::given;
use makerlab_worker::jobs::Ran;
use serde_json::json;
use uuid::Uuid;

/// The leader has the only unit.
async fn a_line_for_what_is_out() -> Line {
    let line = a_line().await;
    given::checked_out(&line.lab, &json!({"id": line.promised})).await;
    line
}

async fn leave(line: &Line, who: &given::Person) {
    let entry = line.entry(who).await;
    let path = format!("/v1/waiting-list/{}/leave", entry["id"].as_str().unwrap());
    line.app().post(&who.token, &path, &json!({})).await.expect(200);
}

#[tokio::test]
async fn whoever_has_taken_what_was_kept_or_left_or_let_it_go_is_not_told_that_it_is_kept() {
    let line = a_line().await;
    line.join(&line.lab.member).await.expect(201);
    line.join(&line.other).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;
    assert_eq!(line.letters("hold_granted").await, ["queued"]);

    line.app().move_lab_clock(2).await;
    line.serve().await;
    assert_eq!(line.letters("hold_granted").await, ["moot", "queued"], "the time to take it is over");

    line.submit(&line.other).await.expect(202);
    assert_eq!(line.letters("hold_granted").await, ["moot", "moot"], "it is taken");
    let unread = line.app().get(&line.other.token, "/v1/notifications?unread=true").await.expect(200);
    let unread = unread["items"].as_array().unwrap();
    assert!(unread.iter().all(|told| told["event"] != "hold_granted"), "{unread:?}");
}

#[tokio::test]
async fn a_letter_that_was_over_before_it_left_stays_here() {
    let line = a_line().await;
    line.join(&line.lab.member).await.expect(201);
    line.cancel_promise().await;
    line.serve().await;
    leave(&line, &line.lab.member).await;

    let letter: Uuid = sqlx::query_scalar(
        "select j.id from jobs j join notifications n on n.id = j.subject_id
         where j.kind = 'send_mail' and n.event = 'hold_granted'",
    )
    .fetch_one(&line.app().owner)
    .await
    .unwrap();
    let ran = line.floor.ring(makerlab_shared::domain::id::JobId(letter)).await;

    assert_eq!(ran, Ran::Settled);
    let mails = line.floor.mailbox.messages();
    assert!(mails.iter().all(|mail| !mail.subject.contains("kept for you")), "{mails:?}");
}

#[tokio::test]
async fn nobody_is_told_that_somebody_waits_once_nobody_does_and_whoever_comes_then_is_told_anew() {
    let line = a_line_for_what_is_out().await;
    line.join(&line.lab.member).await.expect(201);
    line.join(&line.other).await.expect(201);
    line.serve().await;
    assert_eq!(line.letters("somebody_waits").await, ["queued"]);

    leave(&line, &line.lab.member).await;
    assert_eq!(line.letters("somebody_waits").await, ["queued"], "the other waits still");
    leave(&line, &line.other).await;
    assert_eq!(line.letters("somebody_waits").await, ["moot"]);

    line.join(&line.other).await.expect(201);
    line.serve().await;
    assert_eq!(line.letters("somebody_waits").await, ["moot", "queued"]);
}

#[tokio::test]
async fn whoever_has_brought_it_back_is_not_told_that_somebody_waits() {
    let line = a_line_for_what_is_out().await;
    line.join(&line.lab.member).await.expect(201);
    line.serve().await;
    // As of a hand-over that Snipe-IT never heard of: it is back at once.
    for sql in [
        "update operations set state = 'refused', settled_at = now() where requisition_id = $1",
        "update loans set status = 'handed_over', handed_over_at = now(), handed_over_by = borrower_id
         where requisition_id = $1",
    ] {
        sqlx::query(sql).bind(line.promised).execute(&line.app().owner).await.unwrap();
    }
    let loan: Uuid = sqlx::query_scalar("select id from loans where requisition_id = $1")
        .bind(line.promised)
        .fetch_one(&line.app().owner)
        .await
        .unwrap();

    let back = line.app().post(&line.lab.leader.token, &format!("/v1/loans/{loan}/return"), &json!({})).await;

    back.expect(202);
    assert_eq!(line.letters("somebody_waits").await, ["moot"]);
    line.serve().await;
    assert_eq!(line.status(&line.lab.member).await, "held");
}
