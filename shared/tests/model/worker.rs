//! A worker's run: where it stands, and how it can end.
//!
//! Between two steps anything may happen, for any length of time: a worker that does not go on is a frozen one. The steps
//! are in `take.rs`, `perform.rs` and `settle.rs`, as in the worker's `operations` folder.

use crate::{
    clock::Ticks,
    records::{Op, Which},
};
use makerlab_shared::domain::{
    finding::FindingKind,
    operation::{Action, Missed, OperationState, PersonNeeded, Verdict},
};

/// A job in a worker's hands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Run {
    pub which: Which,
    /// Nobody has taken the job since.
    pub is_ours: bool,
    /// Ticks since the take.
    pub age: Ticks,
    pub step: Step,
    /// The operation as this run has it.
    pub op: Op,
    /// Somebody lent the asset since this run read the tenure.
    pub is_overtaken: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    ReadTenure,
    Send,
    /// Past the fence; a step of its own only where a freeze just there is allowed.
    Post,
    Await,
    Look,
    SearchLog,
    Settle(Ending),
}

/// How a run ends: the actions of `decide`, without the reasons that people are told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ending {
    WaitUntilLook,
    RetryLater,
    HoldOff,
    Settle(Outcome, Option<FindingKind>),
    Finish,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    Applied,
    AnotherUnit,
    NotApplied,
    WithPerson,
    Abandoned,
}

impl Outcome {
    fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Applied => Self::Applied,
            Verdict::AnotherUnit(_) => Self::AnotherUnit,
            Verdict::NotApplied(_) => Self::NotApplied,
            Verdict::WithPerson(_) => Self::WithPerson,
            Verdict::Abandoned => Self::Abandoned,
        }
    }

    /// A verdict with some reason: none moves anything.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Applied => Verdict::Applied,
            Self::AnotherUnit => Verdict::AnotherUnit(Missed::UnitUnavailable),
            Self::NotApplied => Verdict::NotApplied(Missed::UnitUnavailable),
            Self::WithPerson => Verdict::WithPerson(PersonNeeded::OutOfAttempts),
            Self::Abandoned => Verdict::Abandoned,
        }
    }
}

impl Step {
    pub fn of(actions: &[Action]) -> Self {
        match &actions[0] {
            Action::ReadTenure => Self::ReadTenure,
            Action::Send => Self::Send,
            Action::Look => Self::Look,
            Action::SearchLog => Self::SearchLog,
            Action::WaitUntil(_) => Self::Settle(Ending::WaitUntilLook),
            Action::RetryLater | Action::LookUpBorrowerAgain => Self::Settle(Ending::RetryLater),
            Action::HoldOff(_) => Self::Settle(Ending::HoldOff),
            Action::Settle(verdict) => {
                let raised = actions.iter().find_map(|action| match action {
                    Action::Raise(kind) => Some(*kind),
                    _ => None,
                });
                Self::Settle(Ending::Settle(Outcome::of(verdict), raised))
            }
            Action::Take | Action::Raise(_) | Action::Finish => Self::Settle(Ending::Finish),
        }
    }
}

/// Whether an operation still needs its job.
pub fn is_open(state: OperationState) -> bool {
    !state.is_settled() && state != OperationState::WithPerson
}
