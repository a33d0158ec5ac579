//! What is to be done next, and how an operation can end.

use crate::domain::{finding::FindingKind, inventory::NotApplied};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Take calls, job and intent in one transaction, then report [`Event::Taken`](super::Event::Taken).
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// It took place, and nothing tells who the borrower is in Snipe-IT.
    BorrowerUnknown,
    /// Only the log could tell, and our Snipe-IT user may not read it.
    LogUnreadable,
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
            Self::BorrowerUnknown => {
                "Our check-out took place, but neither our records nor the log tell to which user of Snipe-IT."
            }
            Self::LogUnreadable => {
                "Only Snipe-IT's log could tell, and it could not be read: our Snipe-IT user lacks the permission reports.view."
            }
        }
    }
}
