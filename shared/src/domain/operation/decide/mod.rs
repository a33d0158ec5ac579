//! The protocol as one pure function: `decide(operation, event) -> (operation, actions)`.
//!
//! Worker, reconciler and model run this and nothing else. It knows no clock, no HTTP and no database; who calls it
//! commits the returned operation before carrying the actions out.

use super::state::{MAX_ATTEMPTS, MAX_UNITS, Operation, OperationKind, OperationState};
use crate::domain::{
    finding::{FindingKind, Resolution},
    inventory::{Answer, AssetSeen, NotApplied},
};
use chrono::{DateTime, NaiveDateTime, Utc};

/// What happened to an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its job is due and nobody holds it.
    Due { now: DateTime<Utc> },
    /// Calls, job and intent are taken in one transaction. The fingerprint counts if the operation has none yet.
    Taken { look_after: DateTime<Utc>, fingerprint: Option<NaiveDateTime> },
    /// No byte of the write left: the lease was too short, or the tenure could not be read.
    NotSent,
    /// Check-in only, read before anything is sent. `None`: Snipe-IT does not know the asset.
    TenureSeen(Option<AssetSeen>),
    /// What became of the POST.
    Answered(Answer),
    /// The asset as read after a refusal or an unknown outcome; `order_trusted` is false in a repeated hour.
    Looked { seen: Option<AssetSeen>, order_trusted: bool },
    /// Whether Snipe-IT's activity log holds a row of this asset with our marker; `seen` is what the look before showed.
    LogSearched { log: LogSeen, seen: AssetSeen },
    /// A look gave no answer: postponed, never an answer itself.
    LookFailed,
    /// The job was taken as often as it may be.
    OutOfRuns,
    /// A technician settled it.
    SettledByPerson(Resolution),
    /// The requester does not want it any more.
    CancelWished,
    /// The database is another than the one that was written to last: what was sent before `look_after` is over by then.
    Doubted { look_after: DateTime<Utc> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSeen {
    /// With the `checkout_at` that was sent, where the row tells it.
    OurMarker {
        checkout_at: Option<NaiveDateTime>,
    },
    NoMarker,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Take calls, job and intent in one transaction, then report [`Event::Taken`].
    Take,
    /// Send the one POST.
    Send,
    /// Read the asset before a check-in.
    ReadTenure,
    /// Read the asset to find out what became of the write.
    Look,
    /// Search the activity log for our marker.
    SearchLog,
    /// Nothing before this instant.
    WaitUntil(DateTime<Utc>),
    /// Later, with backoff; the job's run counts.
    RetryLater,
    /// The call could not be made for a reason that is nobody's request's fault: later, and the run does not count.
    HoldOff(NotApplied),
    /// Ask Snipe-IT again who the borrower is, then try again at once.
    LookUpBorrowerAgain,
    /// It is over; carry the verdict to the loan.
    Settle(Verdict),
    /// Tell people, though it goes on by itself.
    Raise(FindingKind),
    /// Nothing left to do for the job.
    Finish,
}

/// How an operation ended, for the loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Applied,
    /// Certainly not applied, and this unit is not the one: try another.
    AnotherUnit(Missed),
    /// Certainly not applied.
    NotApplied(Missed),
    /// Nobody can tell but a person.
    WithPerson(PersonNeeded),
    Abandoned,
}

/// Why an operation certainly had no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// Snipe-IT refused though the unit is free; its words are kept in the operation.
    RefusedThoughAvailable,
    /// Somebody else holds the unit, or its label does not allow it.
    UnitUnavailable,
    UnitMissing,
    OutOfRuns,
    SettledByPerson,
}

/// Why only a person can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonNeeded {
    /// Somebody lent it after our fingerprint, and the log does not show ours.
    LentLaterByOthers,
    /// Nothing happened in as many attempts as are allowed.
    OutOfAttempts,
    /// After an unknown outcome the named unit cannot be lent.
    UnitUnavailable,
    /// Snipe-IT does not know the asset any more.
    UnitMissing,
    /// The borrower holds it, but not in the tenure that we know.
    TenureChanged,
    /// Out of runs with an open intent.
    OutOfRuns,
    /// The database has forgotten what was sent, somebody holds the asset, and the log does not show ours.
    HeldInDoubt,
}

impl PersonNeeded {
    /// The sentence for the findings inbox.
    pub fn summary(self) -> &'static str {
        match self {
            Self::LentLaterByOthers => {
                "Somebody checked the asset out after our attempt, and the log does not show ours."
            }
            Self::OutOfAttempts => "Snipe-IT gave no clear answer, and nothing was seen to happen, in all attempts.",
            Self::UnitUnavailable => "After an unclear answer the unit is held by somebody else or may not be lent.",
            Self::UnitMissing => "Snipe-IT does not know the asset any more.",
            Self::TenureChanged => "The borrower holds the asset in Snipe-IT, but by another check-out than ours.",
            Self::OutOfRuns => "The job was taken as often as it may be, and its last attempt has no known outcome.",
            Self::HeldInDoubt => {
                "The database was restored or failed over. Somebody holds the asset, and the log does not show our check-out."
            }
        }
    }
}

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
        (LogSeen::OurMarker { checkout_at }, in_doubt) => {
            if in_doubt {
                operation.fingerprint = checkout_at.or(operation.fingerprint).or(seen.last_checkout);
            }
            let is_painted_over = seen.last_checkout != operation.fingerprint;
            let (operation, mut actions) = applied(operation);
            if is_painted_over {
                actions.push(Action::Raise(FindingKind::PaintedOver));
            }
            (operation, actions)
        }
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
        Resolution::Retried | Resolution::Acknowledged => (operation, vec![]),
    }
}

/// Cancel wins only before the take.
fn cancel_wished(operation: Operation) -> Decision {
    if operation.state != OperationState::Waiting || operation.attempts > 0 || operation.in_doubt {
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
