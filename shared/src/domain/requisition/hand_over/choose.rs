//! Which loan each unit on the counter is for: the one that keeps it, else one that any unit of its model will do for,
//! first what waits at the counter, then what goes out by itself, and what is out only if that is said.

#[cfg(test)]
mod tests;

use super::{AtDesk, HandOverRefused, UnitAtCounter, UnitRefused, exchange::OutLoan, free::check_unit};
use crate::domain::{
    availability::Rules,
    id::LoanId,
    requisition::{Dossier, Loan, LoanStatus, Period, waits_at_counter},
};

/// What a unit on the counter is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A promise, whose own unit it may be or another one.
    Promised(LoanId),
    /// A loan that is out, whose unit comes back for it.
    InsteadOf(Box<OutLoan>),
}

impl Place {
    fn loan(&self) -> LoanId {
        match self {
            Self::Promised(loan) => *loan,
            Self::InsteadOf(out) => out.loan.id,
        }
    }
}

/// The place for each unit, in no particular order.
///
/// Units that are kept for a loan are placed first, so that none of them loses its loan to one that is exchanged.
///
/// # Errors
/// The first unit that may not be handed over, and why.
pub(super) fn places_for<'a>(
    dossier: &Dossier,
    desk: AtDesk,
    units: &'a [UnitAtCounter],
) -> Result<Vec<(Place, &'a UnitAtCounter)>, HandOverRefused> {
    let rules = Rules { now: dossier.now, buffer: desk.buffer };
    let mut chosen: Vec<(Place, &UnitAtCounter)> = Vec::new();
    let (kept, others): (Vec<_>, Vec<_>) = units.iter().partition(|at_counter| keeper(dossier, at_counter).is_some());
    for at_counter in kept.into_iter().chain(others) {
        let refused = |why| HandOverRefused::Unit { tag: at_counter.tag.clone(), why };
        let is_taken = |loan: LoanId| chosen.iter().any(|(place, _)| place.loan() == loan);
        let place = find_place(dossier, desk, at_counter, is_taken).map_err(refused)?;
        let period = check_period(dossier, &place).map_err(refused)?;
        let is_kept = keeper(dossier, at_counter).is_some();
        check_unit(at_counter, is_kept, period, &rules).map_err(refused)?;
        chosen.push((place, at_counter));
    }
    Ok(chosen)
}

/// The loan for which this very unit is kept.
fn keeper<'a>(dossier: &'a Dossier, at_counter: &UnitAtCounter) -> Option<&'a Loan> {
    let is_kept = |loan: &&Loan| loan.status == LoanStatus::Promised && loan.equipment_id == at_counter.unit.id;
    dossier.loans.iter().find(is_kept)
}

fn find_place(
    dossier: &Dossier,
    desk: AtDesk,
    at_counter: &UnitAtCounter,
    is_taken: impl Fn(LoanId) -> bool,
) -> Result<Place, UnitRefused> {
    if dossier.loans.iter().any(|loan| loan.status.is_out() && loan.equipment_id == at_counter.unit.id) {
        return Err(UnitRefused::AlreadyHandedOver);
    }
    let is_wished = |loan: &Loan| {
        at_counter.wish.line.is_none_or(|line| line == loan.line_id)
            && at_counter.wish.loan.is_none_or(|id| id == loan.id)
    };
    if let Some(loan) = keeper(dossier, at_counter) {
        return match (waits_at_counter(loan, &dossier.operations), is_wished(loan)) {
            (true, true) => Ok(Place::Promised(loan.id)),
            (true, false) => Err(UnitRefused::ForAnotherLoan),
            (false, _) => Err(UnitRefused::NotForCounter),
        };
    }
    let of_model = dossier
        .loans
        .iter()
        .filter(|loan| !is_taken(loan.id) && is_wished(loan) && is_model(dossier, loan, at_counter))
        .filter(|loan| loan.status.is_out() || loan.status == LoanStatus::Promised);
    let (any, named): (Vec<&Loan>, Vec<&Loan>) = of_model.partition(|loan| takes_any_unit(dossier, loan));
    if let Some(loan) = any.iter().find(|loan| waits_at_counter(loan, &dossier.operations)) {
        return Ok(Place::Promised(loan.id));
    }
    if any.iter().any(|loan| loan.status == LoanStatus::Promised) {
        return instead_of_what_goes_by_itself(dossier, desk, at_counter, &any);
    }
    match any.first() {
        Some(out) if at_counter.wish.loan == Some(out.id) => instead_of_what_is_out(dossier, at_counter, out),
        Some(_) => Err(UnitRefused::WhichComesBack { model: at_counter.model_name.clone() }),
        None if named.is_empty() => Err(UnitRefused::WrongModel { model: at_counter.model_name.clone() }),
        None => Err(UnitRefused::NamedUnitWanted),
    }
}

/// Its check-out waits still and can be withdrawn.
fn instead_of_what_goes_by_itself(
    dossier: &Dossier,
    desk: AtDesk,
    at_counter: &UnitAtCounter,
    loans: &[&Loan],
) -> Result<Place, UnitRefused> {
    let is_untouched = |loan: &&&Loan| !desk.is_forgetful && dossier.find_open_promise(loan.id).is_some();
    let loan = loans.iter().find(is_untouched).ok_or(UnitRefused::BeingVerified)?;
    if at_counter.is_scanned { Ok(Place::Promised(loan.id)) } else { Err(UnitRefused::NotScanned) }
}

/// Which of those that are out comes back is for whoever stands there to say, and the unit that comes back is the loan's.
fn instead_of_what_is_out(dossier: &Dossier, at_counter: &UnitAtCounter, out: &Loan) -> Result<Place, UnitRefused> {
    if out.replaced_at.is_some() {
        return Err(UnitRefused::ExchangedAlready);
    }
    if dossier.is_coming_back(out) {
        return Err(UnitRefused::ReturnUnderWay);
    }
    if !at_counter.is_scanned {
        return Err(UnitRefused::NotScanned);
    }
    let which = || UnitRefused::WhichComesBack { model: at_counter.model_name.clone() };
    let asset = at_counter.comes_back.ok_or_else(which)?;
    Ok(Place::InsteadOf(Box::new(OutLoan { loan: out.clone(), asset })))
}

/// The period of the loan that the unit is for, which an extension may have moved.
fn check_period(dossier: &Dossier, place: &Place) -> Result<Period, UnitRefused> {
    let (period, over) = match place {
        Place::Promised(id) => {
            let loan = dossier.find_loan(*id).expect("a place is a loan of this dossier");
            (loan.period, UnitRefused::PeriodOver)
        }
        Place::InsteadOf(out) => (out.loan.period, UnitRefused::LoanOverdue),
    };
    if period.due_at <= dossier.now { Err(over) } else { Ok(period) }
}

fn is_model(dossier: &Dossier, loan: &Loan, at_counter: &UnitAtCounter) -> bool {
    dossier.lines.iter().any(|line| line.id == loan.line_id && line.granted().model_id == at_counter.model_id)
}

fn takes_any_unit(dossier: &Dossier, loan: &Loan) -> bool {
    dossier.lines.iter().any(|line| line.id == loan.line_id && !line.granted().units_are_named)
}
