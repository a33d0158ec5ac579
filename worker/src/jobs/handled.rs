//! What a handler returns: what happened. One function settles it.

use makerlab_shared::{
    domain::change::Change,
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
}

impl Handled {
    pub fn done(outcome: &'static str) -> Self {
        Self { change: Change::default(), settlement: Settlement::Done(outcome) }
    }

    pub fn again(wait: Duration, reason: impl Into<String>, run: RunCounts) -> Self {
        let postponement = Postponement { due: Due::In(wait), reason: reason.into(), run };
        Self { change: Change::default(), settlement: Settlement::Again(postponement) }
    }

    pub fn with(mut self, change: Change) -> Self {
        self.change = change;
        self
    }
}
