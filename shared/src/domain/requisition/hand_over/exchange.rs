//! A unit that is out comes back to the counter, and another of its model goes out in its place.

use super::{AtDesk, UnitAtCounter, check_out_now, tell_exchange};
use crate::domain::{
    change::{Recipient, Write},
    id::LoanId,
    inventory::SnipeitAssetId,
    notification::{Message, NotificationEvent},
    requisition::{
        GiveBack, Loan, LoanStatus, ReturnReport, Transition, extension::move_wish, give_back::bring_back,
        watch::look_after,
    },
};

/// A loan that is out, whose unit another one may take the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutLoan {
    pub(super) loan: Loan,
    /// Its unit in Snipe-IT.
    pub(super) asset: SnipeitAssetId,
}

/// The unit that is out ends its loan as every return does, without a letter where it is fine; the other is a loan of its own, of the
/// same plan. What is to be written after both, of the wish that waits.
pub(super) fn exchange(
    transition: &mut Transition,
    out: &OutLoan,
    at_counter: &UnitAtCounter,
    desk: AtDesk,
) -> Option<Write> {
    let OutLoan { loan: first, asset } = out;
    let second = in_place_of(first, transition, at_counter, desk);
    check_out_now(transition, &second, at_counter, desk);
    let second_id = second.id;
    transition.after.loans.push(second);
    look_after(transition, second_id);
    let now = transition.after.now;
    transition.loan_mut(first.id).replaced_at = Some(now);
    let give_back = GiveBack { by: desk.by, now: desk.now, is_forgetful: desk.is_forgetful };
    bring_back(transition, first, *asset, give_back).expect("what is out has a tenure, or was never checked out");
    let report = at_counter.brought_back.report.clone().unwrap_or(ReturnReport::FINE);
    if !report.is_fine() {
        let message = report.note().map(Message::said);
        transition.notify(NotificationEvent::ReturnedDamaged, Recipient::Technicians, first.id.0, message);
    }
    transition.loan_mut(first.id).returned_as = Some(report);
    let why = format!("{} went out in its place", at_counter.tag);
    let cause = tell_exchange(transition, first, first.status, desk, why);
    let wish = at_counter.brought_back.wish.as_ref();
    wish.map(|wish| move_wish(transition, wish, first, second_id, &cause))
}

fn in_place_of(first: &Loan, transition: &Transition, at_counter: &UnitAtCounter, desk: AtDesk) -> Loan {
    let now = transition.after.now;
    Loan {
        id: LoanId::generate(),
        equipment_id: at_counter.unit.id,
        status: LoanStatus::HandedOver,
        handed_over_at: Some(now),
        handed_over_by: Some(desk.by),
        checked_out_at: None,
        returned_at: None,
        snipeit_user_id: None,
        fingerprint: None,
        failure: None,
        returned_as: None,
        return_wished_by: None,
        instead_of: Some(first.id),
        replaced_at: None,
        version: 1,
        ..first.clone()
    }
}
