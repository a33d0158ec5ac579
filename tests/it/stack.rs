//! The product as processes: api and worker as an operator runs them, stopped, killed and frozen.

mod given;
mod outlive;
mod settings;

use std::{fs, time::Duration};

use given::{Lab, lab, lab_with};
use makerlab_shared::domain::{
    notification::NotificationEvent, operation::OperationState, requisition::RequisitionStatus,
};
use makerlab_tests::{
    simulator::{CallKind, EffectKind, Step},
    stack::until,
};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_requisition_goes_all_the_way_out_and_back_with_one_effect_each_and_its_letters() {
    let lab = lab().await;

    let submitted = lab.submit().await;
    let out = lab.comes_to(&submitted, RequisitionStatus::CheckedOut).await;
    lab.student.give_back(out.loans[0].id).await.unwrap();
    lab.comes_to(&submitted, RequisitionStatus::Returned).await;

    assert_eq!(lab.effects(), [EffectKind::Checkout, EffectKind::Checkin]);
    let mut letters = lab.letters(5).await;
    letters.sort();
    use NotificationEvent::{CheckedOut, MemberAdded, ReturnRequested, Returned, Submitted};
    assert_eq!(letters, [Submitted, CheckedOut, ReturnRequested, Returned, MemberAdded]);
}

#[tokio::test]
async fn sigterm_in_the_middle_of_a_call_finishes_settles_and_exits_0_and_nothing_new_is_taken() {
    let mut lab = lab_with(|options| options.with("SNIPEIT_TIMEOUT", "20s").with("JOB_LEASE", "25s")).await;
    let in_the_middle = lab.hold(Step::Saved);
    let first = lab.submit().await;
    in_the_middle.reached(1, PATIENCE).await.unwrap();

    let mut worker = lab.stack.workers.pop().unwrap().server;
    worker.ask_to_end().unwrap();
    let log = worker.log().to_owned();
    let heard = async || fs::read_to_string(&log).ok()?.contains("SIGTERM received").then_some(());
    until("the worker has heard the signal", PATIENCE, heard).await.unwrap();
    let second = lab.submit().await;
    in_the_middle.release();
    let status = worker.ended().await.unwrap();

    assert_eq!(status.code(), Some(0), "{}", worker.last_words());
    assert_eq!(lab.see(&first).await.status, RequisitionStatus::CheckedOut);
    let untouched = &lab.see(&second).await.operations[0];
    assert_eq!((untouched.state, untouched.attempts), (OperationState::Waiting, 0));
    assert_eq!(lab.effects(), [EffectKind::Checkout]);
}

#[tokio::test]
async fn what_a_killed_worker_had_sent_is_found_by_its_fingerprint_and_not_sent_again() {
    let mut lab = lab().await;
    let before_the_answer = lab.hold(Step::Answering);
    let submitted = lab.submit().await;
    before_the_answer.reached(1, PATIENCE).await.unwrap();

    lab.stack.kill_worker();
    before_the_answer.release();
    lab.stack.start_worker().await.unwrap();
    lab.comes_to(&submitted, RequisitionStatus::CheckedOut).await;

    assert_eq!(lab.effects(), [EffectKind::Checkout]);
    assert_eq!(lab.ledger().count_calls(CallKind::Checkout), 1);
    assert_eq!(lab.evidence().await, ["intent", "look"]);
}

#[tokio::test]
async fn a_worker_frozen_past_its_lease_and_thawed_changes_nothing_any_more() {
    let mut lab = lab().await;
    let before_the_answer = lab.hold(Step::Answering);
    let submitted = lab.submit().await;
    before_the_answer.reached(1, PATIENCE).await.unwrap();

    lab.stack.workers[0].server.freeze().unwrap();
    before_the_answer.release();
    lab.stack.start_worker().await.unwrap();
    let settled = lab.comes_to(&submitted, RequisitionStatus::CheckedOut).await;
    lab.stack.workers[0].server.thaw().unwrap();
    let thawed = lab.stack.workers.remove(0).server.stop_gracefully().await.unwrap();

    assert!(thawed.success());
    assert_eq!(lab.see(&submitted).await.history, settled.history);
    assert_eq!(lab.ledger().count_calls(CallKind::Checkout), 1);
}

#[tokio::test]
async fn with_two_workers_and_two_apis_every_requisition_takes_effect_once() {
    let mut lab = lab().await;
    lab.stack.start_worker().await.unwrap();
    lab.stack.start_api().await.unwrap();

    let submitted = [lab.submit().await, lab.submit().await, lab.submit().await, lab.submit().await];
    for requisition in &submitted {
        lab.comes_to(requisition, RequisitionStatus::CheckedOut).await;
    }

    assert_eq!(lab.effects(), [EffectKind::Checkout; 4]);
    lab.stop().await;
}

impl Lab {
    async fn stop(self) {
        self.stack.stack.stop_gracefully().await.unwrap();
    }
}
