//! What clients were promised: is it all there, and did it come to an end?

use std::collections::{HashMap, HashSet};

use makerlab_shared::domain::{
    operation::OperationKind,
    requisition::{LoanStatus, RequisitionStatus},
};

use super::{Found, Index, Wrong, is_with_person};

pub(super) fn check(index: &Index<'_>, found: &mut Found) {
    accepted_requisitions(index, found);
    accepted_returns(index, found);
    for key in &index.world.told.contradictions {
        found.note(Wrong::Doubled, None, format!("one Idempotency-Key got two different answers: {key}"));
    }
    for operation in &index.world.operations {
        if !operation.state.is_settled() && !is_with_person(index.world, operation) {
            let what = format!("operation {} ({}) stays {}", operation.id, operation.kind, operation.state);
            found.note(Wrong::Stuck, Some(operation.id), what);
        }
    }
}

fn accepted_requisitions(index: &Index<'_>, found: &mut Found) {
    let world = index.world;
    let status: HashMap<_, _> = world.requisitions.iter().map(|row| (row.id, row.status)).collect();
    let mut loans: HashMap<_, usize> = HashMap::new();
    for loan in &world.loans {
        *loans.entry(loan.requisition).or_default() += 1;
    }
    let with_person: HashSet<_> = world
        .operations
        .iter()
        .filter(|operation| is_with_person(world, operation))
        .map(|operation| operation.requisition)
        .collect();
    for (id, units) in &world.told.accepted {
        let Some(status) = status.get(id) else {
            found.note(Wrong::Lost, None, format!("requisition {id} was accepted and is not in the database"));
            continue;
        };
        let has = loans.get(id).copied().unwrap_or_default();
        // Without a yes there is nothing to promise.
        if has != *units && !(has == 0 && is_without_promise(*status)) {
            found.note(Wrong::Lost, None, format!("requisition {id} asks for {units} units and has {has} loans"));
        }
        if !is_over(*status) && !with_person.contains(id) {
            found.note(Wrong::Stuck, None, format!("requisition {id} stays {status}"));
        }
    }
}

fn accepted_returns(index: &Index<'_>, found: &mut Found) {
    let status: HashMap<_, _> = index.world.loans.iter().map(|loan| (loan.id, loan.status)).collect();
    for loan in &index.world.told.returns {
        let is_returned = status.get(loan) == Some(&LoanStatus::Returned);
        if !is_returned && index.operations_of(*loan, OperationKind::CheckIn).next().is_none() {
            found.note(Wrong::Lost, None, format!("the return of loan {loan} was accepted and nothing came of it"));
        }
    }
}

fn is_over(status: RequisitionStatus) -> bool {
    match status {
        RequisitionStatus::Returned
        | RequisitionStatus::Rejected
        | RequisitionStatus::Cancelled
        | RequisitionStatus::Failed => true,
        RequisitionStatus::Pending
        | RequisitionStatus::Approved
        | RequisitionStatus::HandedOver
        | RequisitionStatus::PartlyCheckedOut
        | RequisitionStatus::CheckedOut
        | RequisitionStatus::PartlyReturned
        | RequisitionStatus::Attention => false,
    }
}

fn is_without_promise(status: RequisitionStatus) -> bool {
    matches!(status, RequisitionStatus::Pending | RequisitionStatus::Rejected | RequisitionStatus::Cancelled)
}
