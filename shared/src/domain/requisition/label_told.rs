//! What is said of a unit's condition becomes its label: with the check-in, and where none carries it, by a job of its own.

use super::{Loan, LoanStatus, ReturnCondition, ReturnReport, Transition};
use crate::domain::{
    change::Write,
    job::NewJob,
    operation::{OperationKind, OperationState},
};

/// What keeps a unit from being lent until its label says so.
fn keeps_back(loan: &Loan) -> Option<ReturnCondition> {
    let condition = loan.returned_as.as_ref().map(ReturnReport::condition);
    condition.filter(|condition| match condition {
        ReturnCondition::Damaged | ReturnCondition::Lost => true,
        ReturnCondition::Fine | ReturnCondition::Incomplete => false,
    })
}

impl Transition {
    /// Of a loan that ends, or of which a technician says something else.
    pub(super) fn label_what_is_told(&mut self, before: &Loan, after: &Loan) {
        let was_back = before.status == LoanStatus::Returned;
        let (was, is) = (keeps_back(before), keeps_back(after));
        let is_told_anew = was_back && was != is;
        let ends_untold = !was_back && is.is_some() && !self.is_told_by_check_in(after);
        if after.status == LoanStatus::Returned && (is_told_anew || ends_untold) {
            self.change.writes.push(Write::TellCondition { unit: after.equipment_id, of: after.id, condition: is });
            self.change.jobs.extend(is.map(|_| NewJob::set_label(after.equipment_id)));
        }
    }

    fn is_told_by_check_in(&self, loan: &Loan) -> bool {
        self.after.operations.iter().any(|operation| {
            operation.loan_id == loan.id
                && operation.kind == OperationKind::CheckIn
                && operation.state == OperationState::Applied
        })
    }
}
