//! A wish that waits while its unit is exchanged goes on with the unit that took its place.

use super::{Extension, Transition, ask_deciders};
use crate::domain::{
    change::{Cause, Entity, Write},
    id::LoanId,
    notification::NotificationEvent,
    requisition::Loan,
};

/// From a loan that ends to the one in its place; both tell it, and those who decide hear of the unit that it is about now.
/// What they were to be told of the former unit is moot by its return. The write follows that of the loan in its place.
pub(in crate::domain::requisition) fn move_wish(
    transition: &mut Transition,
    wish: &Extension,
    first: &Loan,
    second: LoanId,
    cause: &Cause,
) -> Write {
    let cause = Cause { event: "extension_moved", ..cause.clone() };
    let second_status = transition.loan_mut(second).status.as_str();
    for (loan, status) in [(first.id, first.status.as_str()), (second, second_status)] {
        transition.record(Entity::Loan, loan.0, Some(status), status, &cause);
    }
    let moved = Extension { loan_id: second, ..wish.clone() };
    ask_deciders(transition, NotificationEvent::ExtensionAsked, &moved);
    Write::UpdateExtension(moved)
}
