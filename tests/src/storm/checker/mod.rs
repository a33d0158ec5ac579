//! The checker: compares what every client was told, the database, Snipe-IT's ledger and the mailbox. Pure; what it
//! finds wrong it names, so that somebody can look for the cause.

mod effects;
mod mails;
mod promises;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use makerlab_shared::domain::{
    id::{LoanId, OperationId},
    operation::{OperationKind, OperationState},
};

use super::{
    tenures::Tenures,
    world::{OperationRow, World},
};
use crate::simulator::{By, Effect, EffectKind};

/// What can be wrong at the end, each counted once per thing that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wrong {
    /// Accepted (202) and not to be found: a requisition without its row or with fewer loans than were promised, a
    /// return without its operation. Or reported as done without its effect: an applied check-out that the ledger does
    /// not know, an applied check-in whose tenure goes on.
    Lost,
    /// More than one effect for one wish: an operation whose marker the ledger shows twice, a loan with two effective
    /// check-outs or check-ins, or one Idempotency-Key that was answered with two different things.
    Doubled,
    /// After everything has settled: an operation in no final state and without an open finding about it, or an
    /// accepted requisition that is neither over nor with a person.
    Stuck,
    /// A status that contradicts the ledger: called refused, abandoned, failed or released although its effect is
    /// there; called checked out before the check-out, or returned before the tenure was over; an effect by a program
    /// that no operation of ours accounts for.
    Misreported,
    /// A check-in by our program that ended a tenure which was not its own loan's.
    ForeignCheckin,
    /// A notification in the database whose letter never arrived.
    MailMissing,
    /// A copy of a letter beyond the first, told by its Message-ID.
    MailDoubled,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub wrong: Wrong,
    pub what: String,
    /// Whose evidence may tell why.
    pub operation: Option<OperationId>,
}

/// Everything that is wrong with this world; empty is good.
pub fn check(world: &World) -> Vec<Problem> {
    let index = Index::of(world);
    let mut found = Found::default();
    promises::check(&index, &mut found);
    effects::check(&index, &mut found);
    mails::check(world, &mut found);
    found.0
}

/// Operations of ours that took effect: what a storm's size is counted by.
pub fn count_effective(world: &World) -> usize {
    let index = Index::of(world);
    world.operations.iter().filter(|operation| !index.effects_of(operation).is_empty()).count()
}

/// Whether Snipe-IT did what this operation wanted; for a check-in also when somebody else ended the tenure.
pub fn has_happened(world: &World, id: OperationId) -> Option<bool> {
    let index = Index::of(world);
    let operation = world.operations.iter().find(|operation| operation.id == id)?;
    Some(index.has_happened(operation))
}

#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn note(&mut self, wrong: Wrong, operation: Option<OperationId>, what: String) {
        self.0.push(Problem { wrong, what, operation });
    }
}

/// The world, with its parts found by what names them.
struct Index<'w> {
    world: &'w World,
    by_marker: HashMap<&'w str, Vec<&'w Effect>>,
    by_loan: HashMap<LoanId, Vec<&'w OperationRow>>,
    tenures: Tenures,
}

impl<'w> Index<'w> {
    fn of(world: &'w World) -> Self {
        let mut by_marker: HashMap<_, Vec<_>> = HashMap::new();
        for effect in by_programs(world) {
            by_marker.entry(effect.marker.as_deref().unwrap_or_default()).or_default().push(effect);
        }
        let mut by_loan: HashMap<_, Vec<_>> = HashMap::new();
        for operation in &world.operations {
            by_loan.entry(operation.loan).or_default().push(operation);
        }
        Self { world, by_marker, by_loan, tenures: Tenures::of(&world.effects) }
    }

    /// What the ledger shows of this operation.
    fn effects_of(&self, operation: &OperationRow) -> Vec<&'w Effect> {
        let wanted = match operation.kind {
            OperationKind::CheckOut => EffectKind::Checkout,
            OperationKind::CheckIn => EffectKind::Checkin,
        };
        let marked = self.by_marker.get(operation.id.marker().as_str()).map(Vec::as_slice).unwrap_or_default();
        marked.iter().copied().filter(|effect| effect.kind == wanted).collect()
    }

    fn operations_of(&self, loan: LoanId, kind: OperationKind) -> impl Iterator<Item = &'w OperationRow> {
        let of_loan = self.by_loan.get(&loan).map(Vec::as_slice).unwrap_or_default();
        of_loan.iter().copied().filter(move |operation| operation.kind == kind)
    }

    /// When the tenure of this loan was over; `Err`: it never began.
    fn tenure_end(&self, loan: LoanId) -> Result<Option<chrono::DateTime<chrono::Utc>>, NeverBegan> {
        let check_outs = self.operations_of(loan, OperationKind::CheckOut);
        let tenures = check_outs.filter_map(|operation| self.tenures.find(&operation.id.marker()));
        tenures.last().map(|tenure| tenure.ended_at).ok_or(NeverBegan)
    }

    fn has_happened(&self, operation: &OperationRow) -> bool {
        match operation.kind {
            OperationKind::CheckOut => !self.effects_of(operation).is_empty(),
            OperationKind::CheckIn => !matches!(self.tenure_end(operation.loan), Ok(None)),
        }
    }
}

struct NeverBegan;

fn by_programs(world: &World) -> impl Iterator<Item = &Effect> {
    let is_lending = |kind| matches!(kind, EffectKind::Checkout | EffectKind::Checkin);
    world.effects.iter().filter(move |effect| effect.by != By::Human && is_lending(effect.kind))
}

fn is_with_person(world: &World, operation: &OperationRow) -> bool {
    operation.state == OperationState::WithPerson && world.open_findings.contains(&operation.id.0)
}
