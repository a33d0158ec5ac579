//! The protocol as one pure function: `decide(operation, event) -> (operation, actions)`.
//!
//! Worker, reconciler and model run this and nothing else. It knows no clock, no HTTP and no database; who calls it
//! commits the returned operation before carrying the actions out.

use super::{
    action::{Action, Missed, PersonNeeded, Verdict},
    event::{Event, LogSeen},
    state::{MAX_ATTEMPTS, MAX_UNITS, Operation, OperationKind, OperationState},
};
use crate::domain::{
    finding::{FindingKind, Resolution},
    inventory::{Answer, AssetSeen},
};
use chrono::{DateTime, NaiveDateTime, Utc};

/// The operation as it must be stored now, and what to do then.
pub type Decision = (Operation, Vec<Action>);

/// Decides what an event means for an operation. Total: an event that means nothing any more changes nothing.
pub fn decide(operation: Operation, event: Event) -> Decision {
    if operation.state.is_settled() {
        return (operation, vec![Action::Finish]);
    }
    match event {
        Event::Due { now } => due(operation, now),
        Event::Taken { look_after, fingerprint } => taken(operation, look_after, fingerprint),
        Event::NotSent => take_back(operation, Action::RetryLater),
        Event::TenureSeen(seen) => tenure_seen(operation, seen),
        Event::Answered(answer) => answered(operation, answer),
        Event::Looked { seen: None, .. } => asset_missing(operation),
        Event::Looked { seen: Some(seen), order_trusted } => match operation.kind {
            OperationKind::CheckOut => looked_for_check_out(operation, &seen, order_trusted),
            OperationKind::CheckIn => looked_for_check_in(operation, &seen),
        },
        Event::LogSearched { log, seen } => log_searched(operation, log, &seen),
        Event::LookFailed => (operation, vec![Action::RetryLater]),
        Event::OutOfRuns => out_of_runs(operation),
        Event::SettledByPerson(resolution) => settled_by_person(operation, resolution),
        Event::CancelWished => cancel_wished(operation),
        Event::PeriodOver => period_over(operation),
        Event::Doubted { look_after } => doubted(operation, look_after),
    }
}

fn due(operation: Operation, now: DateTime<Utc>) -> Decision {
    match operation.state {
        OperationState::Waiting if !operation.in_doubt => (operation, vec![Action::Take]),
        OperationState::Waiting | OperationState::Sent | OperationState::Unknown => match operation.look_after {
            // A clean read right after a timeout proves nothing: the effect may land until the server's limit.
            Some(look_after) if now < look_after => (operation, vec![Action::WaitUntil(look_after)]),
            Some(_) | None => (in_state(operation, OperationState::Unknown), vec![Action::Look]),
        },
        OperationState::WithPerson | OperationState::Applied | OperationState::Refused | OperationState::Abandoned => {
            (operation, vec![Action::Finish])
        }
    }
}

fn taken(mut operation: Operation, look_after: DateTime<Utc>, fingerprint: Option<NaiveDateTime>) -> Decision {
    if operation.state != OperationState::Waiting || operation.in_doubt {
        return (operation, vec![Action::Finish]);
    }
    operation.state = OperationState::Sent;
    operation.attempts += 1;
    operation.refusal = None;
    operation.look_after = Some(look_after);
    let action = match operation.kind {
        OperationKind::CheckOut => {
            operation.fingerprint = operation.fingerprint.or(fingerprint);
            Action::Send
        }
        OperationKind::CheckIn => Action::ReadTenure,
    };
    (operation, vec![action])
}

/// The attempt certainly sent nothing: it does not count. If none was ever sent, the next one gets a fresh fingerprint,
/// since people may lend the asset while the operation waits.
fn take_back(mut operation: Operation, action: Action) -> Decision {
    operation.attempts = (operation.attempts - 1).max(0);
    operation.look_after = None;
    if operation.attempts == 0 {
        operation.fingerprint = None;
    }
    (in_state(operation, OperationState::Waiting), vec![action])
}

fn tenure_seen(operation: Operation, seen: Option<AssetSeen>) -> Decision {
    let (Some(seen), Some(tenure)) = (seen, operation.tenure) else {
        return with_person(operation, PersonNeeded::UnitMissing);
    };
    if tenure.is_shown_by(&seen) {
        return (operation, vec![Action::Send]);
    }
    if tenure.holds(&seen) {
        return with_person(operation, PersonNeeded::TenureChanged);
    }
    // Never take equipment from a third party: our tenure has ended already.
    tenure_over(operation, &seen)
}

fn answered(mut operation: Operation, answer: Answer) -> Decision {
    match answer {
        Answer::Applied => applied(operation),
        Answer::Refused { message } => {
            operation.refusal = Some(message);
            (in_state(operation, OperationState::Unknown), vec![Action::Look])
        }
        Answer::NotApplied { why } => take_back(operation, Action::HoldOff(why)),
        Answer::Unknown { .. } => {
            let wait = operation.look_after.map_or(Action::RetryLater, Action::WaitUntil);
            (in_state(operation, OperationState::Unknown), vec![wait])
        }
    }
}

fn looked_for_check_out(operation: Operation, seen: &AssetSeen, order_trusted: bool) -> Decision {
    if operation.fingerprint.is_some() && seen.last_checkout == operation.fingerprint {
        return applied(operation);
    }
    if operation.in_doubt && seen.last_checkout.is_some() {
        // What we know of our fingerprint may be out of date: only the log can name it.
        return (in_state(operation, OperationState::Unknown), vec![Action::SearchLog]);
    }
    let lent_later = seen.last_checkout > operation.fingerprint || (!order_trusted && seen.last_checkout.is_some());
    // A first attempt that was refused cannot have left a trace to be painted over.
    let could_be_ours = operation.refusal.is_none() || operation.attempts > 1;
    if lent_later && could_be_ours {
        return (in_state(operation, OperationState::Unknown), vec![Action::SearchLog]);
    }
    nothing_happened(operation, seen.is_available() && !lent_later)
}

fn nothing_happened(operation: Operation, is_available: bool) -> Decision {
    let mut operation = beyond_doubt(operation);
    let was_refused = operation.refusal.is_some();
    match (was_refused, is_available) {
        (true, true) if !operation.borrower_looked_up_again => {
            operation.borrower_looked_up_again = true;
            operation.look_after = None;
            (in_state(operation, OperationState::Waiting), vec![Action::LookUpBorrowerAgain])
        }
        (true, true) => missed(operation, Missed::RefusedThoughAvailable),
        (false, true) if operation.attempts < MAX_ATTEMPTS => {
            operation.look_after = None;
            (in_state(operation, OperationState::Waiting), vec![Action::RetryLater])
        }
        (false, true) => with_person(operation, PersonNeeded::OutOfAttempts),
        (_, false) if may_take_another(&operation) => another_unit(operation, Missed::UnitUnavailable),
        (true, false) => missed(operation, Missed::UnitUnavailable),
        (false, false) => with_person(operation, PersonNeeded::UnitUnavailable),
    }
}

fn looked_for_check_in(operation: Operation, seen: &AssetSeen) -> Decision {
    if !operation.tenure.is_some_and(|tenure| tenure.is_shown_by(seen)) {
        return tenure_over(operation, seen);
    }
    let mut operation = beyond_doubt(operation);
    if operation.attempts < MAX_ATTEMPTS {
        operation.look_after = None;
        return (in_state(operation, OperationState::Waiting), vec![Action::RetryLater]);
    }
    with_person(operation, PersonNeeded::OutOfAttempts)
}

fn tenure_over(operation: Operation, seen: &AssetSeen) -> Decision {
    let (operation, mut actions) = applied(operation);
    if seen.holder.is_some() {
        actions.push(Action::Raise(FindingKind::HeldBySomebodyElse));
    }
    (operation, actions)
}

fn log_searched(mut operation: Operation, log: LogSeen, seen: &AssetSeen) -> Decision {
    match (log, operation.in_doubt) {
        (LogSeen::OurMarker { checkout_at, borrower }, in_doubt) => {
            if in_doubt {
                operation.fingerprint = checkout_at.or(operation.fingerprint).or(seen.last_checkout);
            }
            // A loan must be somebody's.
            if borrower.is_none() {
                return with_person(operation, PersonNeeded::BorrowerUnknown);
            }
            let is_painted_over = seen.last_checkout != operation.fingerprint;
            let (operation, mut actions) = applied(operation);
            if is_painted_over {
                actions.push(Action::Raise(FindingKind::PaintedOver));
            }
            (operation, actions)
        }
        // A free asset shows as little: ours may have come back since.
        (LogSeen::Unreadable, _) => with_person(operation, PersonNeeded::LogUnreadable),
        (LogSeen::NoMarker, false) => with_person(operation, PersonNeeded::LentLaterByOthers),
        (LogSeen::NoMarker, true) if seen.holder.is_some() => with_person(operation, PersonNeeded::HeldInDoubt),
        (LogSeen::NoMarker, true) => nothing_happened(operation, seen.is_available()),
    }
}

fn asset_missing(operation: Operation) -> Decision {
    let was_refused = operation.refusal.is_some();
    match operation.kind {
        OperationKind::CheckOut if was_refused && may_take_another(&operation) => {
            another_unit(operation, Missed::UnitMissing)
        }
        OperationKind::CheckOut if was_refused => missed(operation, Missed::UnitMissing),
        OperationKind::CheckOut | OperationKind::CheckIn => with_person(operation, PersonNeeded::UnitMissing),
    }
}

fn out_of_runs(operation: Operation) -> Decision {
    match (operation.state, operation.kind) {
        (OperationState::Waiting, OperationKind::CheckOut) if !operation.in_doubt => {
            missed(operation, Missed::OutOfRuns)
        }
        _ => with_person(operation, PersonNeeded::OutOfRuns),
    }
}

fn settled_by_person(operation: Operation, resolution: Resolution) -> Decision {
    if operation.state != OperationState::WithPerson {
        return (operation, vec![]);
    }
    match resolution {
        Resolution::Happened => applied(operation),
        Resolution::DidNotHappen => missed(operation, Missed::SettledByPerson),
        Resolution::Abandoned => {
            (in_state(operation, OperationState::Abandoned), vec![Action::Settle(Verdict::Abandoned)])
        }
        Resolution::Retried
        | Resolution::Acknowledged
        | Resolution::Adopted
        | Resolution::Reapplied
        | Resolution::Ignored
        | Resolution::Passed => (operation, vec![]),
    }
}

/// Cancel wins only before the take.
fn cancel_wished(operation: Operation) -> Decision {
    if operation.state != OperationState::Waiting || operation.attempts > 0 || operation.in_doubt {
        return (operation, vec![]);
    }
    (in_state(operation, OperationState::Abandoned), vec![Action::Settle(Verdict::Abandoned)])
}

/// What was sent before, if anything was, certainly took no effect; nothing is sent for a time that has passed.
fn period_over(operation: Operation) -> Decision {
    if operation.kind == OperationKind::CheckIn || operation.state != OperationState::Waiting || operation.in_doubt {
        return (operation, vec![]);
    }
    (in_state(operation, OperationState::Abandoned), vec![Action::Settle(Verdict::Abandoned)])
}

/// Whatever we know of it may be out of date. What is with a person stays there.
fn doubted(mut operation: Operation, look_after: DateTime<Utc>) -> Decision {
    match operation.state {
        OperationState::Waiting | OperationState::Sent | OperationState::Unknown => {
            operation.in_doubt = true;
            operation.look_after = operation.look_after.max(Some(look_after));
            (operation, vec![Action::WaitUntil(look_after)])
        }
        OperationState::WithPerson | OperationState::Applied | OperationState::Refused | OperationState::Abandoned => {
            (operation, vec![Action::Finish])
        }
    }
}

/// Nothing of what may have been forgotten took effect: from here on it is as if it had never been sent.
fn beyond_doubt(mut operation: Operation) -> Operation {
    if std::mem::take(&mut operation.in_doubt) {
        operation.fingerprint = None;
    }
    operation
}

fn may_take_another(operation: &Operation) -> bool {
    operation.any_unit && operation.units_tried < MAX_UNITS
}

fn applied(operation: Operation) -> Decision {
    (in_state(operation, OperationState::Applied), vec![Action::Settle(Verdict::Applied)])
}

fn missed(operation: Operation, why: Missed) -> Decision {
    (in_state(operation, OperationState::Refused), vec![Action::Settle(Verdict::NotApplied(why))])
}

fn another_unit(operation: Operation, why: Missed) -> Decision {
    (in_state(operation, OperationState::Refused), vec![Action::Settle(Verdict::AnotherUnit(why))])
}

fn with_person(operation: Operation, why: PersonNeeded) -> Decision {
    (in_state(operation, OperationState::WithPerson), vec![Action::Settle(Verdict::WithPerson(why))])
}

fn in_state(mut operation: Operation, state: OperationState) -> Operation {
    operation.state = state;
    operation
}

#[cfg(test)]
mod tests;
