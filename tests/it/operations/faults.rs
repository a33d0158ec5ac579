//! What Snipe-IT and the network do to us: whatever it is, one effect and honest state.

use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Cut, EffectKind, Fault, Page, Sees, Step, Trouble},
};

async fn checked_out(floor: &Floor, asked: Asked) {
    floor
        .work_until("the unit is checked out", async |f: &Floor| f.loan_status(asked.loan).await == "checked_out")
        .await;
}

async fn unknown(floor: &Floor, asked: Asked) {
    floor
        .work_until("the outcome is unknown", async |f: &Floor| f.operation_state(asked.operation).await == "unknown")
        .await;
}

/// A floor on which the borrower is known, so that the next call is the check-out itself.
async fn floor() -> Floor {
    let floor = Floor::new().await;
    floor.given_checked_out().await;
    floor
}

fn posts(floor: &Floor) -> usize {
    floor.simulator.state().ledger().count_calls(CallKind::Checkout) - 1
}

#[tokio::test]
async fn an_answer_lost_after_the_effect_is_found_by_a_look_and_never_sent_again() {
    for cut in [Cut::Close, Cut::Reset] {
        let floor = floor().await;
        floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(cut)));
        let asked = floor.given_requested().await;

        unknown(&floor, asked).await;
        assert_eq!(floor.requisition_status(asked.requisition).await, "attention");
        checked_out(&floor, asked).await;

        assert_eq!(posts(&floor), 1);
        assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
        assert_eq!(floor.evidence(asked.operation).await, ["intent", "answer", "look"]);
    }
}

#[tokio::test]
async fn an_error_500_after_the_effect_is_found_by_a_look() {
    let floor = floor().await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(Trouble::AnswerWith(Page::ServerError)));
    let asked = floor.given_requested().await;

    checked_out(&floor, asked).await;

    assert_eq!(posts(&floor), 1);
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
}

#[tokio::test]
async fn an_error_before_the_effect_is_looked_at_and_then_sent_once_more() {
    let pages = [Page::ServerError, Page::BadGateway, Page::Maintenance, Page::RedirectToSetup, Page::BrokenJson];
    for page in pages {
        let floor = floor().await;
        floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).instead(page.clone()));
        let asked = floor.given_requested().await;

        unknown(&floor, asked).await;
        checked_out(&floor, asked).await;

        assert_eq!(posts(&floor), 2, "{page:?}");
        assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1, "{page:?}");
    }
}

#[tokio::test]
async fn an_effect_that_lands_after_our_timeout_is_waited_for_and_found() {
    let floor = Floor::in_real_time().await;
    floor.given_checked_out().await;
    // Our timeout is 2 s; the effect lands half a second later and well before look_after.
    let late = Trouble::Late { after_ms: 2500, client: Sees::Silence };
    floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(late));
    let asked = floor.given_requested().await;

    checked_out(&floor, asked).await;

    assert_eq!(posts(&floor), 1);
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
}

#[tokio::test]
async fn snipeit_dying_between_save_and_log_leaves_the_fingerprint_and_that_suffices() {
    for (step, effects) in [(Step::Checked, 0), (Step::Saved, 1), (Step::Logged, 1)] {
        let floor = floor().await;
        floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(Trouble::DieAfter(step)));
        let asked = floor.given_requested().await;

        checked_out(&floor, asked).await;

        assert_eq!(posts(&floor), 2 - effects, "{step:?}");
        assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1, "{step:?}");
    }
}

#[tokio::test]
async fn a_half_answer_is_no_answer() {
    let floor = floor().await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Checkout).trouble(Trouble::HalfAnswer));
    let asked = floor.given_requested().await;

    checked_out(&floor, asked).await;

    assert_eq!(posts(&floor), 1);
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
}

#[tokio::test]
async fn a_check_in_whose_answer_is_lost_is_done_once() {
    let floor = Floor::new().await;
    let lent = floor.given_checked_out().await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Checkin).trouble(Trouble::LoseAnswer(Cut::Reset)));

    let back = floor.given_return_requested(lent).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;

    assert_eq!(floor.simulator.state().ledger().count_calls(CallKind::Checkin), 1);
    assert_eq!(floor.effects(back.asset, EffectKind::Checkin).len(), 1);
}

#[tokio::test]
async fn a_wrong_installation_pauses_the_lanes_fails_nothing_and_drains_after_the_fix() {
    for page in [Page::Unauthorized, Page::Forbidden, Page::NotFound, Page::RedirectToLogin] {
        let floor = floor().await;
        floor.simulator.state().faults().add(Fault::on_every_call().instead(page.clone()).until_cleared());
        let asked = floor.given_requested().await;

        floor.work_until("the lanes are paused", async |f: &Floor| f.pause_cause().await.is_some()).await;
        assert_eq!(floor.operation_state(asked.operation).await, "waiting", "{page:?}");
        assert_eq!(floor.operation_attempts(asked.operation).await, 0, "{page:?}");
        let calls = floor.simulator.state().ledger().requests().len();
        let job = floor.job_about(asked.operation.0).await;
        floor.make_due(job).await;
        assert_eq!(floor.ring(job).await, makerlab_worker::jobs::Ran::Paused);
        assert_eq!(floor.simulator.state().ledger().requests().len(), calls, "nothing is sent while paused");

        floor.simulator.state().faults().clear();
        let probing = floor.probing();
        checked_out(&floor, asked).await;
        drop(probing);

        assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1, "{page:?}");
    }
}

#[tokio::test]
async fn an_unreachable_snipeit_costs_no_attempt_and_ends_well_once_it_is_back() {
    let mut floor = floor().await;
    floor.simulator.go_down();
    let asked = floor.given_requested().await;
    floor.work_until("everything pauses", async |f: &Floor| f.pause_cause().await.is_some()).await;
    assert_eq!(floor.operation_attempts(asked.operation).await, 0);

    floor.simulator.come_back().unwrap();
    let probing = floor.probing();
    checked_out(&floor, asked).await;
    drop(probing);

    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
}

#[tokio::test]
async fn a_worker_that_dies_after_the_effect_leaves_a_job_that_finds_it() {
    let floor = floor().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;
    let hold = floor.simulator.state().faults().hold(CallKind::Checkout, None, Step::Answering);
    {
        // The run is dropped in the middle of its call, as a killed process drops it.
        let run = floor.ring(job);
        tokio::pin!(run);
        tokio::select! {
            _ = &mut run => panic!("the call is held"),
            reached = hold.reached(1, makerlab_tests::floor::DEADLINE) => reached.unwrap(),
        }
    }
    hold.release();
    assert_eq!(floor.operation_state(asked.operation).await, "sent");

    checked_out(&floor, asked).await;

    assert_eq!(posts(&floor), 1);
    assert_eq!(floor.effects(asked.asset, EffectKind::Checkout).len(), 1);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_no_state_but_leaves_its_evidence() {
    let floor = floor().await;
    let asked = floor.given_requested().await;
    let job = floor.job_about(asked.operation.0).await;
    let hold = floor.simulator.state().faults().hold(CallKind::Checkout, None, Step::Answering);
    let run = floor.ring(job);
    tokio::pin!(run);
    tokio::select! {
        _ = &mut run => panic!("the call is held"),
        reached = hold.reached(1, makerlab_tests::floor::DEADLINE) => reached.unwrap(),
    }
    // Somebody else took the job over, as happens when this worker was frozen past its lease.
    floor.take_over(job).await;
    hold.release();
    assert_eq!(run.await, makerlab_worker::jobs::Ran::NothingToDo);

    assert_eq!(floor.operation_state(asked.operation).await, "sent");
    assert_eq!(floor.evidence(asked.operation).await, ["intent", "late_answer"]);
    floor.make_due(job).await;
    floor.end_waiting_for_look(asked.operation).await;
    checked_out(&floor, asked).await;
    assert_eq!(posts(&floor), 1);
}
