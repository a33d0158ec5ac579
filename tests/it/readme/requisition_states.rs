//! The picture of a requisition's status, drawn by letting one or two lines of one unit each live every life
//! they can.
//!
//! The arrows of lines and loans stand here as exhaustive matches, so that a new state does not compile without its
//! arrows; what they mean for the requisition is asked of `status_of`.

use super::assert_block;
use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    equipment::Collection,
    id::{EquipmentId, LineId, LoanId, ModelId, OperationId, RequisitionId, UserId},
    inventory::SnipeitAssetId,
    operation::{Operation, OperationKind, OperationState},
    requisition::{Line, LineStatus, Loan, LoanStatus, Period, RequisitionStatus, status_of},
};
use std::collections::BTreeSet;

#[test]
fn the_status_of_a_requisition_is_drawn_as_it_is_computed() {
    let mut arrows = BTreeSet::new();
    let mut reached = BTreeSet::new();
    for decided in [true, false] {
        for collection in Collection::ALL {
            walk(decided, *collection, &mut arrows, &mut reached);
        }
    }
    // Not part of a life: whatever the status would be, it is this while an operation is unknown or with a person.
    reached.insert(RequisitionStatus::Attention);
    assert_eq!(reached, RequisitionStatus::ALL.iter().copied().collect(), "a status that nothing leads to");

    assert_block(
        "requisition-states",
        &picture(RequisitionStatus::ALL.iter().filter_map(|from| {
            let after: Vec<_> =
                arrows.iter().filter(|(before, _)| before == from).map(|(_, to)| to.to_string()).collect();
            (!after.is_empty()).then(|| (from.to_string(), after))
        })),
    );
}

#[test]
fn the_states_of_a_loan_are_drawn() {
    assert_block(
        "loan-states",
        &picture(LoanStatus::ALL.iter().filter_map(|from| {
            let after: Vec<_> = after_loan(*from).iter().map(|(to, why)| format!("{to} ({why})")).collect();
            (!after.is_empty()).then(|| (from.to_string(), after))
        })),
    );
}

/// A line for each state that something follows: short enough to be read as it is.
fn picture(arrows: impl Iterator<Item = (String, Vec<String>)>) -> String {
    let lines = arrows.map(|(from, after)| format!("{from:<19}→ {}", after.join(", ")));
    format!("```text\n{}\n```", lines.collect::<Vec<_>>().join("\n"))
}

fn after_loan(loan: LoanStatus) -> &'static [(LoanStatus, &'static str)] {
    match loan {
        LoanStatus::Promised => &[
            (LoanStatus::HandedOver, "at the counter"),
            (LoanStatus::CheckedOut, "Snipe-IT says so or shows it"),
            (LoanStatus::Failed, "certainly not checked out, or given up by a person"),
            (LoanStatus::Released, "cancelled, not collected, or too late"),
        ],
        LoanStatus::HandedOver => &[
            (LoanStatus::CheckedOut, "Snipe-IT says so or shows it"),
            (LoanStatus::Returned, "nothing of it stands in Snipe-IT"),
        ],
        LoanStatus::CheckedOut => {
            &[(LoanStatus::HandedOver, "checked out anew"), (LoanStatus::Returned, "our tenure is over")]
        }
        LoanStatus::Returned | LoanStatus::Failed | LoanStatus::Released => &[],
    }
}

fn after_line(line: LineStatus) -> &'static [LineStatus] {
    match line {
        // A cancellation is not of one line: see `Life::cancelled`.
        LineStatus::Pending => &[LineStatus::Approved, LineStatus::Rejected, LineStatus::Lapsed],
        LineStatus::Approved
        | LineStatus::Rejected
        | LineStatus::Cancelled
        | LineStatus::Withdrawn
        | LineStatus::Lapsed => &[],
    }
}

/// Lines of one unit each, which are decided and live apart. `None`: nothing is promised yet.
#[derive(Clone, PartialEq)]
struct Life(Vec<(LineStatus, Option<LoanStatus>)>, Collection);

impl Life {
    fn next(&self) -> Vec<Self> {
        let alone = (0..self.0.len()).flat_map(|position| {
            after_one(self.0[position], self.1).into_iter().map(move |moved| {
                let mut next = self.clone();
                next.0[position] = moved;
                next
            })
        });
        alone.chain(self.cancelled()).collect()
    }

    /// Takes back what waits, and what is promised.
    fn cancelled(&self) -> Option<Self> {
        let cancelled = self.0.iter().map(|(line, loan)| match (*line, *loan) {
            (LineStatus::Pending, _) => (LineStatus::Cancelled, None),
            (LineStatus::Approved, Some(LoanStatus::Promised | LoanStatus::Released)) => {
                (LineStatus::Cancelled, Some(LoanStatus::Released))
            }
            (
                LineStatus::Approved
                | LineStatus::Rejected
                | LineStatus::Cancelled
                | LineStatus::Withdrawn
                | LineStatus::Lapsed,
                _,
            ) => (*line, *loan),
        });
        let cancelled: Vec<_> = cancelled.collect();
        (cancelled != self.0).then_some(Self(cancelled, self.1))
    }

    fn status(&self, was_decided: bool) -> RequisitionStatus {
        let lines: Vec<_> = self.0.iter().map(|(status, _)| line(*status)).collect();
        let loans: Vec<_> = self.0.iter().filter_map(|(_, status)| status.map(loan)).collect();
        let goes_by_itself =
            |loan: &&Loan| self.1 == Collection::StraightThrough && loan.status == LoanStatus::Promised;
        let operations: Vec<_> = loans.iter().filter(goes_by_itself).map(check_out).collect();
        status_of(&lines, &loans, &operations, was_decided)
    }
}

/// What is handed over fails in no other way than by being given back.
fn is_taken(collection: Collection, from: LoanStatus, to: LoanStatus) -> bool {
    match (collection, from) {
        (Collection::StraightThrough, _) => !matches!(to, LoanStatus::HandedOver | LoanStatus::Released),
        (Collection::Counter, LoanStatus::Promised) => matches!(to, LoanStatus::HandedOver | LoanStatus::Released),
        // Only an answer of a person leads back there, and then it is the same as before.
        (Collection::Counter, from) => (from, to) != (LoanStatus::CheckedOut, LoanStatus::HandedOver),
    }
}

fn after_one(
    (line, loan): (LineStatus, Option<LoanStatus>),
    collection: Collection,
) -> Vec<(LineStatus, Option<LoanStatus>)> {
    let decided =
        after_line(line).iter().map(|to| (*to, (*to == LineStatus::Approved).then_some(LoanStatus::Promised)));
    let alone = loan
        .into_iter()
        .flat_map(|from| after_loan(from).iter().map(|(to, _)| *to).filter(move |to| is_taken(collection, from, *to)));
    decided.chain(alone.map(|to| (line, Some(to)))).collect()
}

fn walk(
    decided: bool,
    collection: Collection,
    arrows: &mut BTreeSet<(RequisitionStatus, RequisitionStatus)>,
    reached: &mut BTreeSet<RequisitionStatus>,
) {
    let line = match decided {
        true => (LineStatus::Pending, None),
        false => (LineStatus::Approved, Some(LoanStatus::Promised)),
    };
    let (mut seen, mut ahead) = (Vec::new(), vec![Life(vec![line], collection), Life(vec![line; 2], collection)]);
    while let Some(life) = ahead.pop() {
        if seen.contains(&life) {
            continue;
        }
        let before = life.status(decided);
        reached.insert(before);
        for next in life.next() {
            let after = next.status(decided);
            if before != after {
                arrows.insert((before, after));
            }
            ahead.push(next);
        }
        seen.push(life);
    }
}

fn period() -> Period {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    Period { starts_at: at("2026-11-23T10:00:00Z"), due_at: at("2026-11-30T10:00:00Z") }
}

fn line(status: LineStatus) -> Line {
    Line {
        id: LineId::generate(),
        requisition_id: RequisitionId::generate(),
        position: 1,
        model_id: ModelId::generate(),
        equipment_id: None,
        quantity: 1,
        status,
        verdict: None,
        decided: None,
        version: 1,
    }
}

fn loan(status: LoanStatus) -> Loan {
    Loan {
        id: LoanId::generate(),
        requisition_id: RequisitionId::generate(),
        line_id: LineId::generate(),
        equipment_id: EquipmentId::generate(),
        borrower_id: UserId::generate(),
        status,
        period: period(),
        handed_over_at: None,
        handed_over_by: None,
        checked_out_at: None,
        returned_at: None,
        snipeit_user_id: None,
        fingerprint: None,
        failure: None,
        returned_as: None,
        watch: Default::default(),
        return_wished_by: None,
        instead_of: None,
        replaced_at: None,
        version: 1,
    }
}

fn check_out(loan: &Loan) -> Operation {
    Operation {
        id: OperationId::generate(),
        requisition_id: loan.requisition_id,
        loan_id: loan.id,
        equipment_id: loan.equipment_id,
        asset: SnipeitAssetId(1),
        kind: OperationKind::CheckOut,
        state: OperationState::Waiting,
        attempts: 0,
        fingerprint: None,
        tenure: None,
        any_unit: true,
        units_tried: 1,
        borrower_looked_up_again: false,
        in_doubt: false,
        refusal: None,
        look_after: None,
        requested_by: None,
        settled_at: None,
        confirmed_at: None,
        version: 1,
    }
}
