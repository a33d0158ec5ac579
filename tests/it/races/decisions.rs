//! Two people decide the same requisition at once.

use super::given::{Counter, Heard, Lab, lab_without_worker, together, won_and_lost};
use makerlab_shared::domain::equipment::Approval;
use makerlab_tests::stack::Person;
use serde_json::{Value, json};

const ROUNDS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_approvals_at_once_one_counts_and_the_other_hears_that_it_was_decided() {
    let lab = lab_without_worker().await;
    let (technician, colleague, counter) = (lab.technician().await, lab.colleague().await, Counter::of(&lab));
    let nothing = json!({});

    for _ in 0..ROUNDS {
        let requisition = pending(&lab, &counter).await;
        let both = [(&technician, "approve", &nothing), (&colleague, "approve", &nothing)];
        let (won, lost) = won_and_lost(at_once(&counter, &requisition, both).await);

        assert_eq!((won.len(), lost.len()), (1, 1));
        assert_eq!(lost[0].refusal(409, "already-decided"), "the requisition has been decided already");
        assert_eq!(lab.count(&format!("loans where requisition_id = '{requisition}'")).await, 1);
        assert_eq!(counter.tell(&lab.student, &requisition, "cancel", &nothing).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_and_a_rejection_at_once_are_never_both() {
    let lab = lab_without_worker().await;
    let (technician, colleague, counter) = (lab.technician().await, lab.colleague().await, Counter::of(&lab));
    let (nothing, reason) = (json!({}), json!({ "reason": "it is being repaired" }));

    for _ in 0..ROUNDS {
        let requisition = pending(&lab, &counter).await;
        let both = [(&technician, "approve", &nothing), (&colleague, "reject", &reason)];
        let (won, lost) = won_and_lost(at_once(&counter, &requisition, both).await);

        assert_eq!((won.len(), lost.len()), (1, 1));
        lost[0].refusal(409, "already-decided");
        let is_approved = won[0].body["status"] == "approved";
        assert!(is_approved || won[0].body["status"] == "rejected", "{}", won[0].body);
        let loans = lab.count(&format!("loans where requisition_id = '{requisition}'")).await;
        assert_eq!(loans, i64::from(is_approved));
        let over = counter.tell(&lab.student, &requisition, "cancel", &nothing).await;
        assert_eq!(over.status, if is_approved { 200 } else { 409 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_and_a_cancellation_at_once_end_in_a_cancelled_requisition_whoever_was_first() {
    let lab = lab_without_worker().await;
    let (technician, counter) = (lab.technician().await, Counter::of(&lab));
    let nothing = json!({});

    for _ in 0..ROUNDS {
        let requisition = pending(&lab, &counter).await;
        let both = [(&technician, "approve", &nothing), (&lab.student, "cancel", &nothing)];
        let heard = at_once(&counter, &requisition, both).await;

        // Nothing was sent yet, so the cancellation always holds; the approval only if it came first.
        assert_eq!((heard[1].status, &heard[1].body["status"]), (200, &json!("cancelled")));
        if heard[0].status != 200 {
            heard[0].refusal(409, "already-decided");
        }
        let kept = format!("loans where requisition_id = '{requisition}' and status <> 'released'");
        assert_eq!(lab.count(&kept).await, 0);
    }
}

async fn pending(lab: &Lab, counter: &Counter) -> String {
    lab.needs_approval(lab.model, Approval::Technician).await;
    let heard = counter.submit(&lab.student, &lab.wish()).await;
    assert_eq!((heard.status, &heard.body["status"]), (202, &json!("pending")));
    heard.id().to_owned()
}

async fn at_once(counter: &Counter, requisition: &str, both: [(&Person, &str, &Value); 2]) -> Vec<Heard> {
    together(both.map(|(by, word, body)| counter.telling(by, requisition, word, body))).await
}
