//! The protocol's table, line by line. The model check over all interleavings is a test of its own.

mod doubt;
mod unreadable;

use super::*;
use crate::domain::{
    id::{EquipmentId, LoanId, OperationId, RequisitionId},
    inventory::{
        Holder, HolderKind, LabelKind, LabelSeen, NotApplied, Particulars, SnipeitAssetId, SnipeitLabelId,
        SnipeitModelId, SnipeitUserId,
    },
    operation::Tenure,
};

const BORROWER: SnipeitUserId = SnipeitUserId(7);
const STRANGER: SnipeitUserId = SnipeitUserId(8);
const F: &str = "2026-11-23T09:58:00";
const EARLIER: &str = "2026-11-20T09:00:00";
const LATER: &str = "2026-11-23T10:00:01";

fn naive(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn look_after() -> DateTime<Utc> {
    instant("2026-11-23T10:02:35Z")
}

fn waiting(kind: OperationKind) -> Operation {
    Operation {
        id: OperationId::generate(),
        requisition_id: RequisitionId::generate(),
        loan_id: LoanId::generate(),
        equipment_id: EquipmentId::generate(),
        asset: SnipeitAssetId(1),
        kind,
        state: OperationState::Waiting,
        attempts: 0,
        fingerprint: None,
        tenure: (kind == OperationKind::CheckIn).then(|| Tenure { user: BORROWER, last_checkout: naive(F) }),
        any_unit: false,
        units_tried: 1,
        borrower_looked_up_again: false,
        in_doubt: false,
        refusal: None,
        look_after: None,
        requested_by: None,
        settled_at: None,
        confirmed_at: None,
        version: 1,
    }
}

fn sent(kind: OperationKind) -> Operation {
    let fingerprint = (kind == OperationKind::CheckOut).then(|| naive(F));
    decide(waiting(kind), Event::Taken { look_after: look_after(), fingerprint }).0
}

fn unknown(kind: OperationKind) -> Operation {
    decide(sent(kind), Event::Answered(Answer::Unknown { what: "timeout".into() })).0
}

fn refused(operation: Operation) -> Operation {
    decide(operation, Event::Answered(Answer::Refused { message: "Não disponível".into() })).0
}

fn free(last_checkout: Option<&str>) -> AssetSeen {
    AssetSeen {
        id: SnipeitAssetId(1),
        tag: "ML-1".into(),
        name: None,
        serial: None,
        model_id: SnipeitModelId(1),
        label: LabelSeen { id: SnipeitLabelId(2), name: "Ready".into(), kind: LabelKind::Deployable },
        holder: None,
        last_checkout: last_checkout.map(naive),
        last_checkin: None,
        expected_checkin: None,
        updated_at: None,
        deleted: false,
        particulars: Particulars::default(),
    }
}

fn held_by(user: SnipeitUserId, last_checkout: &str) -> AssetSeen {
    AssetSeen { holder: Some(Holder::user(user)), ..free(Some(last_checkout)) }
}

fn looked(seen: AssetSeen) -> Event {
    Event::Looked { seen: Some(seen), order_trusted: true }
}

fn log_searched(log: LogSeen, seen: AssetSeen) -> Event {
    Event::LogSearched { log, seen }
}

fn our_marker() -> LogSeen {
    LogSeen::OurMarker { checkout_at: Some(naive(F)), borrower: Some(BORROWER) }
}

fn settles(actions: &[Action]) -> Option<&Verdict> {
    actions.iter().find_map(|action| if let Action::Settle(verdict) = action { Some(verdict) } else { None })
}

#[test]
fn a_waiting_operation_is_taken_before_anything_else() {
    for kind in OperationKind::ALL {
        let (operation, actions) = decide(waiting(*kind), Event::Due { now: look_after() });
        assert_eq!((operation.state, actions), (OperationState::Waiting, vec![Action::Take]));
    }
}

#[test]
fn a_take_writes_the_intent_and_only_then_anything_is_called() {
    let (operation, actions) = decide(
        waiting(OperationKind::CheckOut),
        Event::Taken { look_after: look_after(), fingerprint: Some(naive(F)) },
    );
    assert_eq!((operation.state, operation.attempts), (OperationState::Sent, 1));
    assert_eq!(operation.fingerprint, Some(naive(F)));
    assert_eq!(actions, [Action::Send]);

    let (_, actions) =
        decide(waiting(OperationKind::CheckIn), Event::Taken { look_after: look_after(), fingerprint: None });
    assert_eq!(actions, [Action::ReadTenure]);
}

#[test]
fn nobody_looks_before_the_servers_limit_is_over() {
    for operation in [sent(OperationKind::CheckOut), unknown(OperationKind::CheckOut)] {
        let early = look_after() - chrono::Duration::milliseconds(1);
        let (operation, actions) = decide(operation, Event::Due { now: early });
        assert_eq!(actions, [Action::WaitUntil(look_after())]);
        let (operation, actions) = decide(operation, Event::Due { now: look_after() });
        assert_eq!((operation.state, actions), (OperationState::Unknown, vec![Action::Look]));
    }
}

#[test]
fn an_unclear_answer_is_unknown_and_never_sent_again_by_itself() {
    let (operation, actions) =
        decide(sent(OperationKind::CheckOut), Event::Answered(Answer::Unknown { what: "500".into() }));
    assert_eq!((operation.state, actions), (OperationState::Unknown, vec![Action::WaitUntil(look_after())]));
}

#[test]
fn a_call_that_certainly_did_nothing_does_not_count_and_gets_a_fresh_fingerprint() {
    let whys = [
        NotApplied::Unreachable { what: "refused".into() },
        NotApplied::Throttled,
        NotApplied::Installation { what: "401".into() },
    ];
    for why in whys {
        let answer = Event::Answered(Answer::NotApplied { why: why.clone() });
        let (operation, actions) = decide(sent(OperationKind::CheckOut), answer);
        assert_eq!((operation.state, operation.attempts), (OperationState::Waiting, 0));
        assert_eq!(operation.fingerprint, None);
        assert_eq!(actions, [Action::HoldOff(why)]);
    }
}

#[test]
fn our_fingerprint_on_the_asset_means_applied_even_if_it_was_returned_since() {
    for seen in [held_by(BORROWER, F), free(Some(F)), held_by(STRANGER, F)] {
        let (operation, actions) = decide(unknown(OperationKind::CheckOut), looked(seen));
        assert_eq!(operation.state, OperationState::Applied);
        assert_eq!(settles(&actions), Some(&Verdict::Applied));
    }
}

#[test]
fn an_older_check_out_and_a_free_asset_allow_a_new_attempt_with_the_same_fingerprint() {
    for seen in [free(None), free(Some(EARLIER))] {
        let (operation, actions) = decide(unknown(OperationKind::CheckOut), looked(seen));
        assert_eq!((operation.state, actions), (OperationState::Waiting, vec![Action::RetryLater]));
        assert_eq!(operation.fingerprint, Some(naive(F)));
    }
}

#[test]
fn after_three_attempts_without_effect_a_person_is_asked() {
    let operation = Operation { attempts: MAX_ATTEMPTS, ..unknown(OperationKind::CheckOut) };
    let (operation, actions) = decide(operation, looked(free(None)));
    assert_eq!(operation.state, OperationState::WithPerson);
    assert_eq!(settles(&actions), Some(&Verdict::WithPerson(PersonNeeded::OutOfAttempts)));
}

#[test]
fn a_later_check_out_is_decided_by_the_log_and_never_sent_again() {
    let (operation, actions) = decide(unknown(OperationKind::CheckOut), looked(held_by(STRANGER, LATER)));
    assert_eq!((operation.state, &actions[..]), (OperationState::Unknown, &[Action::SearchLog][..]));

    let (ours, actions) = decide(operation.clone(), log_searched(our_marker(), held_by(STRANGER, LATER)));
    assert_eq!(ours.state, OperationState::Applied);
    assert!(actions.contains(&Action::Raise(FindingKind::PaintedOver)));

    let (nobody_knows, actions) = decide(operation, log_searched(LogSeen::NoMarker, held_by(STRANGER, LATER)));
    assert_eq!(nobody_knows.state, OperationState::WithPerson);
    assert_eq!(settles(&actions), Some(&Verdict::WithPerson(PersonNeeded::LentLaterByOthers)));
}

#[test]
fn in_the_hour_that_occurs_twice_the_log_decides_instead_of_the_order() {
    let event = Event::Looked { seen: Some(free(Some(EARLIER))), order_trusted: false };
    let (_, actions) = decide(unknown(OperationKind::CheckOut), event);
    assert_eq!(actions, [Action::SearchLog]);
    // Equality needs no order.
    let event = Event::Looked { seen: Some(held_by(BORROWER, F)), order_trusted: false };
    assert_eq!(decide(unknown(OperationKind::CheckOut), event).0.state, OperationState::Applied);
}

#[test]
fn a_refusal_is_looked_at_and_never_decided_by_its_text() {
    let (operation, actions) = decide(
        sent(OperationKind::CheckOut),
        Event::Answered(Answer::Refused { message: "Asset checked out successfully.".into() }),
    );
    assert_eq!((operation.state, actions), (OperationState::Unknown, vec![Action::Look]));
}

#[test]
fn a_refused_attempt_whose_fingerprint_is_there_was_ours() {
    let operation = refused(sent(OperationKind::CheckOut));
    assert_eq!(decide(operation, looked(held_by(BORROWER, F))).0.state, OperationState::Applied);
}

#[test]
fn a_refusal_of_a_free_unit_looks_the_borrower_up_once_more_then_fails_with_snipeits_words() {
    let (operation, actions) = decide(refused(sent(OperationKind::CheckOut)), looked(free(None)));
    assert_eq!((operation.state, &actions[..]), (OperationState::Waiting, &[Action::LookUpBorrowerAgain][..]));

    let again = decide(operation, Event::Taken { look_after: look_after(), fingerprint: None }).0;
    let (operation, actions) = decide(refused(again), looked(free(None)));
    assert_eq!(operation.state, OperationState::Refused);
    assert_eq!(settles(&actions), Some(&Verdict::NotApplied(Missed::RefusedThoughAvailable)));
    assert_eq!(operation.refusal.as_deref(), Some("Não disponível"));
}

#[test]
fn a_refused_unit_that_is_taken_is_exchanged_only_where_the_line_names_none_and_at_most_thrice() {
    let unnamed = |units_tried| Operation { any_unit: true, units_tried, ..refused(sent(OperationKind::CheckOut)) };
    for units_tried in 1..MAX_UNITS {
        let (_, actions) = decide(unnamed(units_tried), looked(held_by(STRANGER, EARLIER)));
        assert_eq!(settles(&actions), Some(&Verdict::AnotherUnit(Missed::UnitUnavailable)));
    }
    let (_, actions) = decide(unnamed(MAX_UNITS), looked(held_by(STRANGER, EARLIER)));
    assert_eq!(settles(&actions), Some(&Verdict::NotApplied(Missed::UnitUnavailable)));
    let (_, actions) = decide(refused(sent(OperationKind::CheckOut)), looked(held_by(STRANGER, EARLIER)));
    assert_eq!(settles(&actions), Some(&Verdict::NotApplied(Missed::UnitUnavailable)));
}

#[test]
fn a_first_refusal_of_a_unit_lent_by_hand_a_moment_ago_needs_no_person() {
    let operation = Operation { any_unit: true, ..refused(sent(OperationKind::CheckOut)) };
    let (_, actions) = decide(operation, looked(held_by(STRANGER, LATER)));
    assert_eq!(settles(&actions), Some(&Verdict::AnotherUnit(Missed::UnitUnavailable)));
}

#[test]
fn a_check_in_is_sent_only_into_our_own_tenure() {
    let (_, actions) = decide(sent(OperationKind::CheckIn), Event::TenureSeen(Some(held_by(BORROWER, F))));
    assert_eq!(actions, [Action::Send]);
}

#[test]
fn a_check_in_never_takes_equipment_from_a_third_party() {
    let (operation, actions) = decide(sent(OperationKind::CheckIn), Event::TenureSeen(Some(held_by(STRANGER, LATER))));
    assert!(!actions.contains(&Action::Send));
    assert_eq!(operation.state, OperationState::Applied);
    assert!(actions.contains(&Action::Raise(FindingKind::HeldBySomebodyElse)));
    // Snipe-IT counts users, locations and assets apart: the same number of another kind is somebody else.
    let location = AssetSeen { holder: Some(Holder { kind: HolderKind::Location, id: BORROWER.0 }), ..free(Some(F)) };
    let (_, actions) = decide(sent(OperationKind::CheckIn), Event::TenureSeen(Some(location)));
    assert!(!actions.contains(&Action::Send));
}

#[test]
fn a_check_in_of_a_free_asset_is_done_already() {
    let (operation, actions) = decide(sent(OperationKind::CheckIn), Event::TenureSeen(Some(free(Some(F)))));
    assert_eq!(operation.state, OperationState::Applied);
    assert_eq!(actions, [Action::Settle(Verdict::Applied)]);
}

#[test]
fn a_borrower_who_holds_it_by_another_check_out_is_a_persons_matter() {
    let (operation, _) = decide(sent(OperationKind::CheckIn), Event::TenureSeen(Some(held_by(BORROWER, LATER))));
    assert_eq!(operation.state, OperationState::WithPerson);
}

#[test]
fn after_an_unknown_check_in_the_same_tenure_means_not_applied_and_any_other_means_done() {
    let (operation, actions) = decide(unknown(OperationKind::CheckIn), looked(held_by(BORROWER, F)));
    assert_eq!((operation.state, actions), (OperationState::Waiting, vec![Action::RetryLater]));
    for seen in [free(Some(F)), held_by(STRANGER, LATER), held_by(BORROWER, LATER)] {
        assert_eq!(decide(unknown(OperationKind::CheckIn), looked(seen)).0.state, OperationState::Applied);
    }
}

#[test]
fn a_look_that_fails_is_never_an_answer() {
    for kind in OperationKind::ALL {
        let before = unknown(*kind);
        let (after, actions) = decide(before.clone(), Event::LookFailed);
        assert_eq!((after, actions), (before, vec![Action::RetryLater]));
    }
}

#[test]
fn out_of_runs_with_an_open_intent_ends_with_a_person_and_never_as_failed() {
    for kind in OperationKind::ALL {
        for operation in [sent(*kind), unknown(*kind)] {
            assert_eq!(decide(operation, Event::OutOfRuns).0.state, OperationState::WithPerson);
        }
    }
    assert_eq!(decide(waiting(OperationKind::CheckOut), Event::OutOfRuns).0.state, OperationState::Refused);
    assert_eq!(decide(waiting(OperationKind::CheckIn), Event::OutOfRuns).0.state, OperationState::WithPerson);
}

#[test]
fn cancel_wins_only_before_the_take() {
    let cancelled = decide(waiting(OperationKind::CheckOut), Event::CancelWished).0;
    assert_eq!(cancelled.state, OperationState::Abandoned);
    for operation in [sent(OperationKind::CheckOut), unknown(OperationKind::CheckOut)] {
        assert_eq!(decide(operation.clone(), Event::CancelWished).0, operation);
    }
}

#[test]
fn only_a_check_out_of_which_nothing_is_on_its_way_ends_with_its_period() {
    let over = |operation: Operation| decide(operation, Event::PeriodOver).0.state;
    assert_eq!(over(waiting(OperationKind::CheckOut)), OperationState::Abandoned);
    assert_eq!(over(Operation { attempts: 1, ..waiting(OperationKind::CheckOut) }), OperationState::Abandoned);
    let in_doubt = Operation { in_doubt: true, ..waiting(OperationKind::CheckOut) };
    let stays =
        [in_doubt, waiting(OperationKind::CheckIn), sent(OperationKind::CheckOut), unknown(OperationKind::CheckOut)];
    for operation in stays {
        assert_eq!(over(operation.clone()), operation.state);
    }
}

#[test]
fn a_settled_operation_is_moved_by_nothing() {
    for state in [OperationState::Applied, OperationState::Refused, OperationState::Abandoned] {
        let operation = Operation { state, ..unknown(OperationKind::CheckOut) };
        let events = [
            Event::Due { now: look_after() },
            Event::Answered(Answer::Applied),
            looked(free(None)),
            Event::OutOfRuns,
            Event::SettledByPerson(Resolution::Happened),
            Event::CancelWished,
            Event::PeriodOver,
        ];
        for event in events {
            assert_eq!(decide(operation.clone(), event).0, operation);
        }
    }
}

#[test]
fn a_person_settles_only_what_waits_for_a_person() {
    let with_person = Operation { state: OperationState::WithPerson, ..unknown(OperationKind::CheckOut) };
    let settled = |resolution| decide(with_person.clone(), Event::SettledByPerson(resolution)).0.state;
    assert_eq!(settled(Resolution::Happened), OperationState::Applied);
    assert_eq!(settled(Resolution::DidNotHappen), OperationState::Refused);
    assert_eq!(settled(Resolution::Abandoned), OperationState::Abandoned);
    let unknown = unknown(OperationKind::CheckOut);
    assert_eq!(decide(unknown.clone(), Event::SettledByPerson(Resolution::Happened)).0, unknown);
}
