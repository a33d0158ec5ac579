//! Row 2: a bell that was rung and not noted is rung again.

use makerlab_shared::domain::job::Lane;
use makerlab_tests::{lab::shared, simulator::EffectKind, stack::until};

use super::given::{PATIENCE, lab_with};

/// The bell of the job that finds the borrower.
const OF_THE_BORROWER: u32 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_killed_between_confirm_and_note_rings_twice_for_one_effect() {
    let mut lab = lab_with(shared().await, |mut options| {
        options.workers = 0;
        options
    })
    .await;
    let requisition = lab.submit().await;
    let rung = async |times: u32| {
        let what = format!("the bell was rung {times} times");
        let ready = async || (lab.messages_ready(Lane::Inventory).await == OF_THE_BORROWER + times).then_some(());
        until(&what, PATIENCE, ready).await.unwrap();
    };
    rung(1).await;
    let noted = "select count(*) = 1 from jobs where kind = 'run_operation' and rung_for = due_at";
    let is_noted = async || sqlx::query_scalar(noted).fetch_one(&lab.pool).await.unwrap_or(false).then_some(());
    until("the bell is noted", PATIENCE, is_noted).await.unwrap();

    // What the relay's death leaves behind: the message in the queue, nothing in the row.
    let forget = "update jobs set rung_for = null, ringing_until = null where kind = 'run_operation'";
    sqlx::query(forget).execute(&lab.pool).await.unwrap();
    rung(2).await;
    lab.stack.start_worker().await.unwrap();

    lab.comes_to(&requisition, "checked_out").await;
    let answered = async || (lab.messages_ready(Lane::Inventory).await == 0).then_some(());
    until("both bells are answered", PATIENCE, answered).await.unwrap();
    assert_eq!((lab.posts(), lab.effects()), (1, vec![EffectKind::Checkout]));
}
