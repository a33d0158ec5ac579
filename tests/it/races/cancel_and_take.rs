//! A cancellation meets the worker's take: either nothing was ever sent, or the loan goes on and the client hears so.

use super::given::{Counter, Lab, PATIENCE, lab, together, won_and_lost};
use makerlab_tests::simulator::{CallKind, Step};
use serde_json::{Value, json};
use std::time::Duration;

const ROUNDS: usize = 45;
/// How far the next cancellation moves towards the other winner.
const STEP: Duration = Duration::from_millis(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_that_races_the_take_has_one_winner_and_the_other_hears_the_truth() {
    let lab = lab(|options| options).await;
    let printers = lab.another_model("3D printer MK4S").await;
    let named = lab.free_units(lab.model).await[0];
    let wishes = [
        json!([{ "model_id": lab.model }]),
        json!([{ "equipment_id": named }]),
        json!([{ "equipment_id": named }, { "model_id": lab.model, "quantity": 2 }, { "model_id": printers }]),
    ];
    let counter = Counter::of(&lab);
    let (mut cancelled, mut taken, mut sent) = (0, 0, 0);
    let mut head_start = Duration::ZERO;

    for round in 0..ROUNDS {
        let submitted = counter.submit(&lab.student, &lab.wish_for(wishes[round % wishes.len()].clone())).await;
        assert_eq!(submitted.status, 202, "{}", submitted.body);
        // Not a wait for anything: it brings the cancellation ever closer to the moment of the take.
        tokio::time::sleep(head_start).await;
        if is_cancelled(&lab, &counter, submitted.id()).await {
            cancelled += 1;
            head_start += STEP;
        } else {
            taken += 1;
            sent += out(&lab.see(submitted.id()).await);
            head_start = head_start.saturating_sub(STEP);
            lab.give_all_back(submitted.id()).await;
        }
    }

    println!("{cancelled} cancelled, {taken} taken");
    assert!(cancelled > 0 && taken > 0, "only one of them ever won: {cancelled} cancelled, {taken} taken");
    assert_eq!(lab.posts(), sent, "one POST for each unit of those that were taken, none for the others");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_check_out_is_on_its_way_a_cancellation_is_refused_and_the_loan_goes_on() {
    let lab = lab(|options| options.with("SNIPEIT_TIMEOUT", "20s").with("JOB_LEASE", "25s")).await;
    let on_its_way = lab.hold(Step::Arrived);
    let requisition = lab.submit().await;
    on_its_way.reached(1, PATIENCE).await.unwrap();

    let heard = Counter::of(&lab).tell(&lab.student, &requisition, "cancel", &json!({})).await;
    on_its_way.release();

    let said = heard.refusal(409, "not-cancellable");
    assert_eq!(said, "a check-out has already been sent to the inventory; ask for a return instead");
    lab.comes_to(&requisition, "checked_out").await;
    assert_eq!(lab.ledger().count_calls(CallKind::Checkout), 1);
}

/// The student and an admin cancel at once. Checks that what they hear is what happens.
async fn is_cancelled(lab: &Lab, counter: &Counter, requisition: &str) -> bool {
    let both = [&lab.student, &lab.stack.admin].map(|by| counter.telling(by, requisition, "cancel", &json!({})));
    let (won, lost) = won_and_lost(together(both).await);
    assert!(won.len() <= 1, "nothing is cancelled twice");
    for heard in &lost {
        heard.refusal(409, "not-cancellable");
    }
    match won.first() {
        Some(heard) if heard.body["status"] == "cancelled" => {
            nothing_was_sent(lab, requisition).await;
            true
        }
        // Some of its units were still to be had back.
        Some(heard) => {
            let released = released(&heard.body);
            assert!(released > 0, "{}", heard.body);
            lab.comes_to(requisition, "checked_out").await;
            let seen = lab.see(requisition).await;
            assert_eq!(self::released(&seen), released, "what was taken back stays so, and nothing more is");
            assert!(out(&seen) > 0, "{seen}");
            false
        }
        None => {
            lab.comes_to(requisition, "checked_out").await;
            false
        }
    }
}

async fn nothing_was_sent(lab: &Lab, requisition: &str) {
    lab.jobs_are_done(requisition).await;
    assert_eq!(lab.evidence(requisition).await, Vec::<String>::new(), "no intent was ever written");
    let seen = lab.see(requisition).await;
    assert_eq!(seen["status"], "cancelled");
    for operation in seen["operations"].as_array().unwrap() {
        assert_eq!((&operation["state"], &operation["attempts"]), (&json!("abandoned"), &json!(0)));
    }
    assert_eq!(statuses(&seen["loans"]), ["released"]);
}

fn out(requisition: &Value) -> usize {
    count(requisition, "checked_out")
}

fn released(requisition: &Value) -> usize {
    count(requisition, "released")
}

fn count(requisition: &Value, status: &str) -> usize {
    requisition["loans"].as_array().unwrap().iter().filter(|loan| loan["status"] == status).count()
}

fn statuses(loans: &Value) -> Vec<&str> {
    let mut statuses: Vec<_> = loans.as_array().unwrap().iter().map(|loan| loan["status"].as_str().unwrap()).collect();
    statuses.dedup();
    statuses
}

impl Lab {
    /// The bells of the operations have rung, and found nothing to do.
    async fn jobs_are_done(&self, requisition: &str) {
        let open = format!(
            "jobs join operations on operations.id = jobs.subject_id
             where requisition_id = '{requisition}' and jobs.state = 'open'"
        );
        let done = async || (self.count(&open).await == 0).then_some(());
        makerlab_tests::stack::until("its jobs are done", PATIENCE, done).await.unwrap();
    }
}
