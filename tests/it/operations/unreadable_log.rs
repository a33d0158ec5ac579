//! Snipe-IT's log, where it cannot be read: for want of its permission, or for want of a token like anything else.

use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Cut, EffectKind, Fault, Handover, Page, Trouble},
};

/// Our answer was lost and the asset has gone on to somebody else since: only the log can tell that ours came first.
async fn painted_over(floor: &Floor) -> Asked {
    floor.given_checked_out().await;
    let state = floor.simulator.state();
    state.faults().add(Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(Cut::Reset)));
    let asked = floor.given_requested().await;
    comes_to(floor, asked, "unknown").await;
    state.hands().check_in(asked.asset.0).unwrap();
    state.hands().check_out(asked.asset.0, 2, Handover::Now).unwrap();
    asked
}

async fn comes_to(floor: &Floor, asked: Asked, operation_state: &str) {
    let is_there = async |floor: &Floor| floor.operation_state(asked.operation).await == operation_state;
    floor.work_until(operation_state, is_there).await;
}

fn posts(floor: &Floor) -> usize {
    floor.simulator.state().ledger().count_calls(CallKind::Checkout) - 1
}

#[tokio::test]
async fn an_outcome_that_only_a_forbidden_log_could_tell_is_asked_of_a_person_while_others_go_through() {
    let floor = Floor::new().await;
    floor.simulator.state().hands().forbid_the_log();
    let asked = painted_over(&floor).await;
    let other = floor.given_requested().await;

    // No probe is there to end a pause: one would stop the other for good.
    let are_there = async |floor: &Floor| {
        floor.operation_state(asked.operation).await == "with_person"
            && floor.loan_status(other.loan).await == "checked_out"
    };
    floor.work_until("a person is asked of the one, and the other is out", are_there).await;

    assert_eq!(floor.pause_cause().await, None);
    assert_eq!(floor.open_findings(asked.operation.0).await, ["operation_with_person"]);
    assert_eq!(floor.evidence(asked.operation).await, ["intent", "answer", "look", "log_search"]);
    assert_eq!(posts(&floor), 2, "one for each, and the forbidden log is no reason to send again");
    assert_eq!(floor.holder(asked.asset), Some(2));
}

#[tokio::test]
async fn a_refused_token_at_the_log_and_a_lacking_permission_before_it_pause_and_are_no_answer() {
    for (on, page) in [(CallKind::Activity, Page::Unauthorized), (CallKind::Show, Page::Forbidden)] {
        let floor = Floor::new().await;
        let asked = painted_over(&floor).await;
        floor.simulator.state().faults().add(Fault::on(on).instead(page.clone()).until_cleared());

        floor.work_until("the lanes are paused", async |f: &Floor| f.pause_cause().await.is_some()).await;
        assert_eq!(floor.operation_state(asked.operation).await, "unknown", "{page:?}");

        floor.simulator.state().faults().clear();
        let probing = floor.probing();
        comes_to(&floor, asked, "applied").await;
        drop(probing);
        assert_eq!(floor.open_findings(asked.operation.0).await, ["painted_over"], "{page:?}");
        let ours = floor.effects(asked.asset, EffectKind::Checkout).into_iter().filter(|e| e.marker.is_some());
        assert_eq!((posts(&floor), ours.count()), (1, 1), "{page:?}");
    }
}
