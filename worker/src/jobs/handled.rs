//! What a handler returns: what happened. One function settles it.

use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{change::Change, id::UserId},
    store::jobs::{Due, Postponement, RunCounts},
};
use std::time::Duration;

/// The outcome of one run, to be committed together with the job's row.
#[derive(Debug, Clone, PartialEq)]
pub struct Handled {
    pub change: Change,
    pub settlement: Settlement,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Settlement {
    /// The job is over; the word is its outcome.
    Done(&'static str),
    Again(Postponement),
    /// A digest is settled; the job is over unless more waits for this person by now.
    DigestDone {
        person: UserId,
        outcome: &'static str,
    },
}

impl Handled {
    pub fn done(outcome: &'static str) -> Self {
        Self { change: Change::default(), settlement: Settlement::Done(outcome) }
    }

    pub fn again(wait: Duration, reason: impl Into<String>, run: RunCounts) -> Self {
        let postponement = Postponement { due: Due::In(wait), reason: reason.into(), run };
        Self { change: Change::default(), settlement: Settlement::Again(postponement) }
    }

    /// Not before this instant by the lab's clock; what was done so far is not held against the job.
    pub fn at_lab_time(at: DateTime<Utc>, reason: impl Into<String>) -> Self {
        let postponement = Postponement { due: Due::Lab(at), reason: reason.into(), run: RunCounts::NewRound };
        Self { change: Change::default(), settlement: Settlement::Again(postponement) }
    }

    pub fn digest_done(person: UserId, outcome: &'static str) -> Self {
        Self { change: Change::default(), settlement: Settlement::DigestDone { person, outcome } }
    }

    pub fn with(mut self, change: Change) -> Self {
        self.change = change;
        self
    }
}
