//! The status of a requisition: a summary of its lines, loans and operations, never a state of its own.

use super::{Line, LineStatus, Loan, LoanStatus, RequisitionStatus};
use crate::domain::operation::Operation;

/// Computes what people see. `was_decided`: a person decided, rather than a rule.
pub fn status_of(lines: &[Line], loans: &[Loan], operations: &[Operation], was_decided: bool) -> RequisitionStatus {
    if operations.iter().any(|operation| operation.state.is_uncertain()) {
        return RequisitionStatus::Attention;
    }
    if lines.iter().any(|line| line.status == LineStatus::Pending) {
        return RequisitionStatus::Pending;
    }
    if lines.iter().all(|line| line.status == LineStatus::Cancelled) {
        return RequisitionStatus::Cancelled;
    }
    if lines.iter().all(|line| matches!(line.status, LineStatus::Rejected | LineStatus::Cancelled)) {
        return RequisitionStatus::Rejected;
    }
    status_of_loans(loans, was_decided)
}

fn status_of_loans(loans: &[Loan], was_decided: bool) -> RequisitionStatus {
    let has = |status: LoanStatus| loans.iter().any(|loan| loan.status == status);
    let (promised, out, back) = (has(LoanStatus::Promised), has(LoanStatus::CheckedOut), has(LoanStatus::Returned));
    match (promised, out, back) {
        (false, false, true) => RequisitionStatus::Returned,
        (_, _, true) => RequisitionStatus::PartlyReturned,
        (true, true, false) => RequisitionStatus::PartlyCheckedOut,
        (false, true, false) if has(LoanStatus::Failed) => RequisitionStatus::PartlyCheckedOut,
        (false, true, false) => RequisitionStatus::CheckedOut,
        (true, false, false) if was_decided => RequisitionStatus::Approved,
        (true, false, false) => RequisitionStatus::Pending,
        (false, false, false) if has(LoanStatus::Failed) => RequisitionStatus::Failed,
        (false, false, false) => RequisitionStatus::Cancelled,
    }
}
