//! What was reported, against what Snipe-IT really did.

use std::collections::{HashMap, HashSet};

use makerlab_shared::domain::{
    id::LoanId,
    operation::{OperationKind, OperationState},
    requisition::LoanStatus,
};

use super::{Found, Index, Wrong, by_programs};

pub(super) fn check(index: &Index<'_>, found: &mut Found) {
    operations(index, found);
    loans(index, found);
    claims(index, found);
    strangers(index, found);
    check_ins(index, found);
}

fn operations(index: &Index<'_>, found: &mut Found) {
    for operation in &index.world.operations {
        let effects = index.effects_of(operation).len();
        let (id, kind, state) = (operation.id, operation.kind, operation.state);
        if effects > 1 {
            found.note(Wrong::Doubled, Some(id), format!("operation {id} ({kind}) took effect {effects} times"));
        }
        if state == OperationState::Applied && !index.has_happened(operation) {
            found.note(
                Wrong::Lost,
                Some(id),
                format!("operation {id} ({kind}) is called applied and never took effect"),
            );
        }
        if matches!(state, OperationState::Refused | OperationState::Abandoned) && effects > 0 {
            found.note(
                Wrong::Misreported,
                Some(id),
                format!("operation {id} ({kind}) is called {state} and took effect"),
            );
        }
    }
}

fn loans(index: &Index<'_>, found: &mut Found) {
    for loan in &index.world.loans {
        for kind in [OperationKind::CheckOut, OperationKind::CheckIn] {
            let effective: Vec<_> = index
                .operations_of(loan.id, kind)
                .filter(|operation| !index.effects_of(operation).is_empty())
                .collect();
            if let [first, _, ..] = effective[..] {
                let what = format!("loan {} has {} effective {kind} operations", loan.id, effective.len());
                found.note(Wrong::Doubled, Some(first.id), what);
            }
            let is_denied = matches!(loan.status, LoanStatus::Failed | LoanStatus::Released);
            // An operation that is itself called refused was noted already.
            if let Some(applied) = effective.iter().find(|operation| operation.state == OperationState::Applied)
                && is_denied
            {
                let what = format!("loan {} is called {} and took effect", loan.id, loan.status);
                found.note(Wrong::Misreported, Some(applied.id), what);
            }
        }
    }
}

/// What the API said while it went on, against the moment in which it became true.
fn claims(index: &Index<'_>, found: &mut Found) {
    for (loan, heard_at) in &index.world.told.out {
        let mut check_outs = index.operations_of(*loan, OperationKind::CheckOut);
        let was_out = |operation| index.effects_of(operation).iter().any(|effect| effect.at <= *heard_at);
        if !check_outs.any(was_out) {
            found.note(Wrong::Misreported, None, format!("loan {loan} was called checked out before it was"));
        }
    }
    for (loan, heard_at) in &index.world.told.back {
        let was_over = matches!(index.tenure_end(*loan), Ok(Some(ended_at)) if ended_at <= *heard_at);
        if !was_over {
            found.note(Wrong::Misreported, None, format!("loan {loan} was called returned before it was"));
        }
    }
}

/// Effects by programs of which no operation knows.
fn strangers(index: &Index<'_>, found: &mut Found) {
    let known: HashSet<String> = index.world.operations.iter().map(|operation| operation.id.marker()).collect();
    for effect in by_programs(index.world) {
        let marker = effect.marker.as_deref().unwrap_or("none");
        if !known.contains(marker) {
            let what = format!("an effect on asset {} belongs to no operation (marker {marker})", effect.asset);
            found.note(Wrong::Misreported, None, what);
        }
    }
}

fn check_ins(index: &Index<'_>, found: &mut Found) {
    let loan_of: HashMap<String, (LoanId, _)> = index
        .world
        .operations
        .iter()
        .map(|operation| (operation.id.marker(), (operation.loan, operation.id)))
        .collect();
    let loan = |marker: Option<&String>| marker.and_then(|marker| loan_of.get(marker)).copied();
    for check_in in &index.tenures.check_ins {
        let ours = loan(check_in.marker.as_ref());
        let ended = loan(check_in.of.as_ref().and_then(|tenure| tenure.marker.as_ref()));
        if ours.is_none() || ours.map(|(loan, _)| loan) != ended.map(|(loan, _)| loan) {
            let what = format!("a check-in of ours on asset {} ended a tenure that was not its loan's", check_in.asset);
            found.note(Wrong::ForeignCheckin, ours.map(|(_, operation)| operation), what);
        }
    }
}
