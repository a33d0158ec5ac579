//! A client that loses patience sends the same request again and again, with the same key.

use super::given::{Counter, Heard, Lab, lab_without_worker, new_key, together};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_duplicates_at_once_for_the_last_unit_are_one_requisition_and_one_answer() {
    let lab = lab_without_worker().await;
    lab.all_but_one_taken().await;
    let counter = Counter::of(&lab);

    for _ in 0..5 {
        let before = lab.count("requisitions").await;
        let wish = lab.wish_for(json!([{ "model_id": lab.model }]));
        let answers = same_request(&lab, &counter, "/v1/requisitions", &wish, 202).await;

        assert_eq!(lab.count("requisitions").await, before + 1);
        assert!(answers.iter().all(|answer| answer.location == answers[0].location && answer.location.is_some()));
        assert_eq!(counter.tell(&lab.student, answers[0].id(), "cancel", &json!({})).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_duplicates_of_a_cancellation_at_once_cancel_once() {
    let lab = lab_without_worker().await;
    let counter = Counter::of(&lab);

    for _ in 0..3 {
        let submitted = counter.submit(&lab.student, &lab.wish()).await;
        let path = format!("/v1/requisitions/{}/cancel", submitted.id());
        let answers = same_request(&lab, &counter, &path, &json!({}), 200).await;

        assert_eq!(answers[0].body["status"], "cancelled");
        let cancelled = format!("status_history where entity_id = '{}' and event = 'cancelled'", submitted.id());
        assert_eq!(lab.count(&cancelled).await, 1);
    }
}

/// Fifty times at once, and again for those who hear that it is being worked on: all hear the same in the end.
async fn same_request(lab: &Lab, counter: &Counter, path: &str, body: &Value, status: u16) -> Vec<Heard> {
    let key = new_key();
    let racers = (0..50).map(|_| {
        let (counter, student, path, key, body) =
            (counter.clone(), lab.student.clone(), path.to_owned(), key.clone(), body.clone());
        async move {
            loop {
                let heard = counter.post(&student, &path, &key, &body).await;
                if heard.status == status {
                    return heard;
                }
                heard.refusal(409, "request-in-progress");
                let seconds = heard.retry_after.expect("how long to wait").parse().unwrap();
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
        }
    });
    let answers = together(racers).await;
    assert!(answers.iter().all(|answer| answer.body == answers[0].body), "everybody hears the same");
    answers
}
