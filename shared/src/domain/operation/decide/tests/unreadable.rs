//! The log may not be read: what only it could tell is never guessed, and never sent again.

use super::*;

fn is_left_to_a_person(operation: Operation, seen: AssetSeen) {
    let (operation, actions) = decide(operation, looked(seen.clone()));
    assert_eq!((operation.state, &actions[..]), (OperationState::Unknown, &[Action::SearchLog][..]));

    let (asked, actions) = decide(operation, log_searched(LogSeen::Unreadable, seen));
    assert_eq!(asked.state, OperationState::WithPerson);
    assert_eq!(actions, [Action::Settle(Verdict::WithPerson(PersonNeeded::LogUnreadable))]);
}

#[test]
fn a_later_check_out_whose_log_may_not_be_read_is_a_persons_question() {
    is_left_to_a_person(unknown(OperationKind::CheckOut), held_by(STRANGER, LATER));
    is_left_to_a_person(unknown(OperationKind::CheckOut), free(Some(LATER)));
}

#[test]
fn whatever_is_in_doubt_and_whose_log_may_not_be_read_is_a_persons_question_even_if_the_unit_is_free() {
    for seen in [free(Some(EARLIER)), held_by(BORROWER, EARLIER), held_by(STRANGER, LATER)] {
        let doubted = decide(waiting(OperationKind::CheckOut), Event::Doubted { look_after: look_after() }).0;
        is_left_to_a_person(decide(doubted, Event::Due { now: look_after() }).0, seen);
    }
}

#[test]
fn the_person_is_told_which_permission_is_missing() {
    assert!(PersonNeeded::LogUnreadable.summary().contains("reports.view"));
}
