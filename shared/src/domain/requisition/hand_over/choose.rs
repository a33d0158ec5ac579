//! Which loan each unit on the counter is for: the one that keeps it, else one that any unit of its model will do for.

use super::{HandOverRefused, UnitAtCounter, UnitRefused};
use crate::domain::{
    id::LoanId,
    requisition::{Dossier, Loan, LoanStatus, waits_at_counter},
};

/// The loan for each unit, in no particular order.
///
/// Units that are kept for a loan are placed first, so that none of them loses its loan to one that is exchanged.
///
/// # Errors
/// The first unit that may not be handed over, and why.
pub(super) fn loans_for<'a>(
    dossier: &Dossier,
    units: &'a [UnitAtCounter],
) -> Result<Vec<(LoanId, &'a UnitAtCounter)>, HandOverRefused> {
    let mut chosen: Vec<(LoanId, &UnitAtCounter)> = Vec::new();
    let (kept, others): (Vec<_>, Vec<_>) = units.iter().partition(|at_counter| keeper(dossier, at_counter).is_some());
    for at_counter in kept.into_iter().chain(others) {
        let refused = |why| HandOverRefused::Unit { tag: at_counter.tag.clone(), why };
        let loan = find_loan(dossier, at_counter, &chosen).map_err(refused)?;
        check_unit(at_counter).map_err(refused)?;
        chosen.push((loan, at_counter));
    }
    Ok(chosen)
}

/// The loan for which this very unit is kept.
fn keeper<'a>(dossier: &'a Dossier, at_counter: &UnitAtCounter) -> Option<&'a Loan> {
    let is_kept = |loan: &&Loan| loan.status == LoanStatus::Promised && loan.equipment_id == at_counter.unit.id;
    dossier.loans.iter().find(is_kept)
}

fn find_loan(
    dossier: &Dossier,
    at_counter: &UnitAtCounter,
    chosen: &[(LoanId, &UnitAtCounter)],
) -> Result<LoanId, UnitRefused> {
    if dossier.loans.iter().any(|loan| loan.status.is_out() && loan.equipment_id == at_counter.unit.id) {
        return Err(UnitRefused::AlreadyHandedOver);
    }
    let is_wished = |loan: &Loan| {
        at_counter.wish.line.is_none_or(|line| line == loan.line_id)
            && at_counter.wish.loan.is_none_or(|id| id == loan.id)
    };
    if let Some(loan) = keeper(dossier, at_counter) {
        return match (waits_at_counter(loan, &dossier.operations), is_wished(loan)) {
            (true, true) => Ok(loan.id),
            (true, false) => Err(UnitRefused::ForAnotherLoan),
            (false, _) => Err(UnitRefused::NotForCounter),
        };
    }
    let of_model = dossier.loans.iter().filter(|loan| {
        let is_free = chosen.iter().all(|(taken, _)| *taken != loan.id);
        is_free && is_wished(loan) && waits_at_counter(loan, &dossier.operations) && is_model(dossier, loan, at_counter)
    });
    let of_model: Vec<&Loan> = of_model.collect();
    if of_model.is_empty() {
        return Err(UnitRefused::WrongModel { model: at_counter.model_name.clone() });
    }
    let any = of_model.iter().find(|loan| takes_any_unit(dossier, loan));
    any.map(|loan| loan.id).ok_or(UnitRefused::NamedUnitWanted)
}

fn is_model(dossier: &Dossier, loan: &Loan, at_counter: &UnitAtCounter) -> bool {
    dossier.lines.iter().any(|line| line.id == loan.line_id && line.granted().model_id == at_counter.model_id)
}

fn takes_any_unit(dossier: &Dossier, loan: &Loan) -> bool {
    dossier.lines.iter().any(|line| line.id == loan.line_id && !line.granted().units_are_named)
}

fn check_unit(at_counter: &UnitAtCounter) -> Result<(), UnitRefused> {
    if let Some(requisition) = at_counter.out_on.clone() {
        return Err(UnitRefused::OutOnAnother { requisition });
    }
    if at_counter.is_held {
        return Err(UnitRefused::Held);
    }
    if !at_counter.is_lendable {
        return Err(UnitRefused::NotLendable);
    }
    match at_counter.kept_for.clone() {
        Some(requisition) => Err(UnitRefused::KeptForAnother { requisition }),
        None => Ok(()),
    }
}
