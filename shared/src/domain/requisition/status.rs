//! The status of a requisition: a summary of its lines, loans and operations, never a state of its own.

use super::{Line, LineStatus, Loan, LoanStatus, RequisitionStatus};
use crate::domain::operation::Operation;

/// Computes what people see. `was_decided`: a person decided, rather than a rule.
///
/// A line that waits for a decision is still to come. It does not hide what is out already.
pub fn status_of(lines: &[Line], loans: &[Loan], operations: &[Operation], was_decided: bool) -> RequisitionStatus {
    if operations.iter().any(|operation| operation.state.is_uncertain()) {
        return RequisitionStatus::Attention;
    }
    let loans: Vec<&Loan> = loans.iter().filter(|loan| !was_exchanged(loan)).collect();
    let lines = || lines.iter().filter(|line| line.status != LineStatus::Withdrawn);
    let waits = lines().any(|line| line.status == LineStatus::Pending);
    let was_out = loans.iter().any(|loan| loan.status.is_out() || loan.status == LoanStatus::Returned);
    if waits && !was_out {
        return RequisitionStatus::Pending;
    }
    if lines().all(|line| line.status == LineStatus::Rejected) {
        return RequisitionStatus::Rejected;
    }
    let is_given_up =
        |line: &Line| matches!(line.status, LineStatus::Rejected | LineStatus::Cancelled | LineStatus::Lapsed);
    if lines().all(is_given_up) {
        return RequisitionStatus::Cancelled;
    }
    let is_ready = loans.iter().any(|loan| waits_at_counter(loan, operations));
    status_of_loans(&loans, waits, was_decided || is_ready)
}

/// Whether a technician may hand it over: it is kept, and nothing checks it out by itself.
pub fn waits_at_counter(loan: &Loan, operations: &[Operation]) -> bool {
    let is_live = |operation: &Operation| operation.loan_id == loan.id && !operation.state.is_settled();
    loan.status == LoanStatus::Promised && !operations.iter().any(is_live)
}

/// Back, because another unit took its place: the borrower has what was asked for.
fn was_exchanged(loan: &Loan) -> bool {
    loan.status == LoanStatus::Returned && loan.replaced_at.is_some()
}

fn status_of_loans(loans: &[&Loan], waits: bool, is_granted: bool) -> RequisitionStatus {
    let has = |status: LoanStatus| loans.iter().any(|loan| loan.status == status);
    let to_come = waits || has(LoanStatus::Promised);
    let back = has(LoanStatus::Returned);
    if has(LoanStatus::HandedOver) {
        return if back { RequisitionStatus::PartlyReturned } else { RequisitionStatus::HandedOver };
    }
    match (to_come, has(LoanStatus::CheckedOut), back) {
        (false, false, true) => RequisitionStatus::Returned,
        (_, _, true) => RequisitionStatus::PartlyReturned,
        (true, true, false) => RequisitionStatus::PartlyCheckedOut,
        (false, true, false) if has(LoanStatus::Failed) => RequisitionStatus::PartlyCheckedOut,
        (false, true, false) => RequisitionStatus::CheckedOut,
        (true, false, false) if is_granted => RequisitionStatus::Approved,
        (true, false, false) => RequisitionStatus::Pending,
        (false, false, false) if has(LoanStatus::Failed) => RequisitionStatus::Failed,
        (false, false, false) => RequisitionStatus::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::requisition::properties::{a_line, a_loan};

    fn status(lines: &[LineStatus], loans: &[LoanStatus]) -> RequisitionStatus {
        let lines: Vec<_> = lines.iter().map(|status| Line { status: *status, ..a_line(1, 1) }).collect();
        let loans: Vec<_> = loans.iter().map(|status| Loan { status: *status, ..a_loan(&lines[0]) }).collect();
        status_of(&lines, &loans, &[], true)
    }

    #[test]
    fn a_line_that_waits_does_not_hide_what_is_out_or_back() {
        use LineStatus::{Approved, Pending};
        let two = [Approved, Pending];
        assert_eq!(status(&two, &[LoanStatus::Promised]), RequisitionStatus::Pending);
        assert_eq!(status(&two, &[LoanStatus::Failed]), RequisitionStatus::Pending);
        assert_eq!(status(&two, &[LoanStatus::CheckedOut]), RequisitionStatus::PartlyCheckedOut);
        assert_eq!(status(&two, &[LoanStatus::Returned]), RequisitionStatus::PartlyReturned);
    }

    #[test]
    fn it_is_rejected_only_if_every_line_was_and_cancelled_if_some_were_given_up() {
        use LineStatus::{Cancelled, Lapsed, Rejected};
        assert_eq!(status(&[Rejected, Rejected], &[]), RequisitionStatus::Rejected);
        assert_eq!(status(&[Rejected, Cancelled], &[]), RequisitionStatus::Cancelled);
        assert_eq!(status(&[Rejected, Lapsed], &[]), RequisitionStatus::Cancelled);
    }

    #[test]
    fn a_unit_that_another_took_the_place_of_counts_until_it_is_back() {
        let line = Line { status: LineStatus::Approved, ..a_line(1, 1) };
        let exchanged = |status| {
            let first = a_loan(&line);
            let first = Loan { status, replaced_at: Some(first.period.starts_at), ..first };
            let other = Loan { status: LoanStatus::CheckedOut, instead_of: Some(first.id), ..a_loan(&line) };
            status_of(std::slice::from_ref(&line), &[first, other], &[], true)
        };
        assert_eq!(exchanged(LoanStatus::CheckedOut), RequisitionStatus::CheckedOut);
        assert_eq!(exchanged(LoanStatus::Returned), RequisitionStatus::CheckedOut);
        assert_eq!(exchanged(LoanStatus::HandedOver), RequisitionStatus::HandedOver);
    }

    #[test]
    fn a_line_that_an_edit_took_out_counts_for_nothing() {
        use LineStatus::{Approved, Pending, Rejected, Withdrawn};
        assert_eq!(status(&[Withdrawn, Pending], &[]), RequisitionStatus::Pending);
        assert_eq!(status(&[Withdrawn, Rejected], &[]), RequisitionStatus::Rejected);
        assert_eq!(status(&[Withdrawn, Approved], &[LoanStatus::CheckedOut]), RequisitionStatus::CheckedOut);
    }
}
