//! After a restore or a failover: what was sent may be forgotten, so nothing is sent before a look.

use super::*;

fn doubted(operation: Operation) -> Operation {
    decide(operation, Event::Doubted { look_after: look_after() }).0
}

fn looked_in_doubt(kind: OperationKind, seen: AssetSeen) -> Decision {
    let (operation, actions) = decide(doubted(waiting(kind)), Event::Due { now: look_after() });
    assert_eq!((operation.state, actions), (OperationState::Unknown, vec![Action::Look]));
    decide(operation, looked(seen))
}

#[test]
fn what_is_in_doubt_is_looked_at_before_anything_is_sent_and_not_before_its_time() {
    let early = look_after() - chrono::Duration::seconds(1);
    for operation in [waiting(OperationKind::CheckOut), waiting(OperationKind::CheckIn), sent(OperationKind::CheckOut)]
    {
        let operation = doubted(operation);
        let (waits, actions) = decide(operation.clone(), Event::Due { now: early });
        assert_eq!((waits, actions), (operation.clone(), vec![Action::WaitUntil(look_after())]));

        let (_, actions) = decide(operation, Event::Due { now: look_after() });
        assert_eq!(actions, [Action::Look]);
    }
}

#[test]
fn nobody_can_take_what_is_in_doubt() {
    let taken = Event::Taken { look_after: look_after(), fingerprint: Some(naive(F)) };
    let (operation, actions) = decide(doubted(waiting(OperationKind::CheckOut)), taken);
    assert_eq!((operation.state, actions), (OperationState::Waiting, vec![Action::Finish]));
}

#[test]
fn what_is_in_doubt_is_not_cancelled_and_not_failed_for_want_of_runs() {
    let (kept, actions) = decide(doubted(waiting(OperationKind::CheckOut)), Event::CancelWished);
    assert_eq!((kept.state, actions), (OperationState::Waiting, vec![]));

    let (asked, _) = decide(doubted(waiting(OperationKind::CheckOut)), Event::OutOfRuns);
    assert_eq!(asked.state, OperationState::WithPerson);
}

#[test]
fn a_forgotten_check_out_is_found_by_its_marker_and_gets_its_fingerprint_back() {
    let (operation, actions) = looked_in_doubt(OperationKind::CheckOut, held_by(BORROWER, F));
    assert_eq!(actions, [Action::SearchLog]);

    let (ours, actions) = decide(operation, log_searched(our_marker(), held_by(BORROWER, F)));
    assert_eq!((ours.state, ours.fingerprint), (OperationState::Applied, Some(naive(F))));
    assert_eq!(actions, [Action::Settle(Verdict::Applied)]);
}

#[test]
fn a_forgotten_check_out_that_somebody_lent_over_is_applied_and_told() {
    let (operation, _) = looked_in_doubt(OperationKind::CheckOut, held_by(STRANGER, LATER));
    let (ours, actions) = decide(operation, log_searched(our_marker(), held_by(STRANGER, LATER)));
    assert_eq!((ours.state, ours.fingerprint), (OperationState::Applied, Some(naive(F))));
    assert!(actions.contains(&Action::Raise(FindingKind::PaintedOver)));
}

#[test]
fn a_forgotten_check_out_to_somebody_whom_nothing_names_is_a_persons_question_with_its_fingerprint() {
    let (operation, _) = looked_in_doubt(OperationKind::CheckOut, held_by(BORROWER, F));
    let nobodys = LogSeen::OurMarker { checkout_at: Some(naive(F)), borrower: None };
    let (asked, actions) = decide(operation, log_searched(nobodys, held_by(BORROWER, F)));
    assert_eq!((asked.state, asked.fingerprint), (OperationState::WithPerson, Some(naive(F))));
    assert_eq!(settles(&actions), Some(&Verdict::WithPerson(PersonNeeded::BorrowerUnknown)));
}

#[test]
fn a_fingerprint_that_is_remembered_and_shown_needs_no_log() {
    let (operation, _) = decide(doubted(sent(OperationKind::CheckOut)), Event::Due { now: look_after() });
    let (ours, actions) = decide(operation, looked(held_by(BORROWER, F)));
    assert_eq!((ours.state, actions), (OperationState::Applied, vec![Action::Settle(Verdict::Applied)]));
}

#[test]
fn a_unit_that_was_never_lent_or_is_free_without_our_marker_is_as_if_nothing_had_been_sent() {
    let (never_lent, actions) = looked_in_doubt(OperationKind::CheckOut, free(None));
    assert_eq!((never_lent.state, never_lent.in_doubt), (OperationState::Waiting, false));
    assert_eq!(actions, [Action::RetryLater]);

    let (operation, _) = looked_in_doubt(OperationKind::CheckOut, free(Some(EARLIER)));
    let (free_again, actions) = decide(operation, log_searched(LogSeen::NoMarker, free(Some(EARLIER))));
    assert_eq!((free_again.state, free_again.in_doubt), (OperationState::Waiting, false));
    assert_eq!((free_again.fingerprint, actions), (None, vec![Action::RetryLater]));
}

#[test]
fn a_unit_that_somebody_holds_without_our_marker_is_a_persons_question() {
    let (operation, _) = looked_in_doubt(OperationKind::CheckOut, held_by(BORROWER, EARLIER));
    let (asked, actions) = decide(operation, log_searched(LogSeen::NoMarker, held_by(BORROWER, EARLIER)));
    assert_eq!(asked.state, OperationState::WithPerson);
    assert_eq!(settles(&actions), Some(&Verdict::WithPerson(PersonNeeded::HeldInDoubt)));
}

#[test]
fn a_check_in_in_doubt_is_over_or_sent_again_by_its_tenure() {
    let (over, _) = looked_in_doubt(OperationKind::CheckIn, free(Some(F)));
    assert_eq!(over.state, OperationState::Applied);

    let (again, actions) = looked_in_doubt(OperationKind::CheckIn, held_by(BORROWER, F));
    assert_eq!((again.state, again.in_doubt), (OperationState::Waiting, false));
    assert_eq!(actions, [Action::RetryLater]);
}

#[test]
fn what_is_with_a_person_or_over_is_not_doubted() {
    let with_person = Operation { state: OperationState::WithPerson, ..sent(OperationKind::CheckOut) };
    let applied = Operation { state: OperationState::Applied, ..sent(OperationKind::CheckOut) };
    for operation in [with_person, applied] {
        assert_eq!(doubted(operation.clone()), operation);
    }
}
