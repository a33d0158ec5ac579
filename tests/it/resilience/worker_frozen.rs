//! Row 13: a worker that stood still past its lease comes back to a world that went on without it.

use makerlab_tests::{
    lab::shared,
    simulator::{EffectKind, Step},
    stack::until,
};

use super::given::{PATIENCE, lab};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_frozen_past_its_lease_changes_no_state_and_its_evidence_is_kept() {
    let mut lab = lab(shared().await).await;
    let before_the_answer = lab.hold(Step::Answering);
    let requisition = lab.submit().await;
    before_the_answer.reached(1, PATIENCE).await.unwrap();

    lab.stack.workers[0].server.freeze().unwrap();
    before_the_answer.release();
    lab.stack.start_worker().await.unwrap();
    let settled = lab.comes_to(&requisition, "checked_out").await;
    lab.stack.workers[0].server.thaw().unwrap();
    let late = async || lab.evidence(&requisition).await.contains(&"late_answer".to_owned()).then_some(());
    until("the thawed worker has left its evidence", PATIENCE, late).await.unwrap();

    assert_eq!(lab.evidence(&requisition).await, ["intent", "look", "late_answer"]);
    assert_eq!(lab.see(&requisition).await["history"], settled["history"]);
    assert_eq!((lab.posts(), lab.effects()), (1, vec![EffectKind::Checkout]));
}
