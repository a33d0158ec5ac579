//! A unit that is out comes back to the counter, and another of its model goes out in its place.

use super::{AtDesk, UnitAtCounter, check_out_now, tell_exchange};
use crate::domain::{
    id::LoanId,
    inventory::SnipeitAssetId,
    loan_watch::Watch,
    requisition::{
        Dossier, GiveBack, Loan, LoanStatus, Period, ReturnRefused, ReturnReport, Transition, give_back::bring_back,
    },
};

/// A loan that is out, whose unit another one may take the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutLoan {
    pub(super) loan: Loan,
    asset: SnipeitAssetId,
}

impl Dossier {
    /// # Errors
    /// Its return is under way already, or it is not out.
    pub(super) fn find_exchangeable(&self, loan: &Loan) -> Result<OutLoan, ReturnRefused> {
        self.check_return(loan)?;
        let is_of_unit = |equipment| equipment == loan.equipment_id;
        let operation = self.operations.iter().find(|one| one.loan_id == loan.id && is_of_unit(one.equipment_id));
        let asset = operation.ok_or(ReturnRefused::UnknownLoan)?.asset;
        Ok(OutLoan { loan: loan.clone(), asset })
    }
}

/// The unit that is out ends its loan as every return does, and without a letter; the other is a loan of its own, due when
/// the first was.
pub(super) fn exchange(transition: &mut Transition, out: &OutLoan, at_counter: &UnitAtCounter, desk: AtDesk) {
    let OutLoan { loan: first, asset } = out;
    let second = in_place_of(first, transition, at_counter, desk);
    check_out_now(transition, &second, at_counter, desk);
    transition.after.loans.push(second);
    let give_back = GiveBack { by: desk.by, now: desk.now, is_forgetful: desk.is_forgetful };
    bring_back(transition, first, *asset, give_back).expect("what is out has a tenure, or was never checked out");
    transition.loan_mut(first.id).returned_as = Some(ReturnReport::FINE);
    let why = format!("{} went out in its place", at_counter.tag);
    tell_exchange(transition, first, first.status, desk, why);
}

fn in_place_of(first: &Loan, transition: &Transition, at_counter: &UnitAtCounter, desk: AtDesk) -> Loan {
    let now = transition.after.now;
    Loan {
        id: LoanId::generate(),
        equipment_id: at_counter.unit.id,
        status: LoanStatus::HandedOver,
        period: Period { starts_at: now, due_at: first.period.due_at },
        handed_over_at: Some(now),
        handed_over_by: Some(desk.by),
        checked_out_at: None,
        returned_at: None,
        snipeit_user_id: None,
        fingerprint: None,
        failure: None,
        returned_as: None,
        watch: Watch::default(),
        return_wished_by: None,
        instead_of: Some(first.id),
        version: 1,
        ..first.clone()
    }
}
