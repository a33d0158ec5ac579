//! The picture of a requisition's status, drawn by letting two lines of one unit each live every life they can.
//!
//! The arrows of lines and loans stand here as exhaustive matches, so that a new state does not compile without its
//! arrows; what they mean for the requisition is asked of `status_of`.

use super::assert_block;
use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    id::{EquipmentId, LineId, LoanId, ModelId, RequisitionId, UserId},
    requisition::{Line, LineStatus, Loan, LoanStatus, Period, RequisitionStatus, status_of},
};
use std::collections::BTreeSet;

#[test]
fn the_status_of_a_requisition_is_drawn_as_it_is_computed() {
    let mut arrows = BTreeSet::new();
    let mut reached = BTreeSet::new();
    for decided in [true, false] {
        walk(decided, &mut arrows, &mut reached);
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
            (LoanStatus::CheckedOut, "Snipe-IT says so or shows it"),
            (LoanStatus::Failed, "certainly not checked out, or given up by a person"),
            (LoanStatus::Released, "cancelled"),
        ],
        LoanStatus::CheckedOut => &[(LoanStatus::Returned, "our tenure is over")],
        LoanStatus::Returned | LoanStatus::Failed | LoanStatus::Released => &[],
    }
}

fn after_line(line: LineStatus) -> &'static [LineStatus] {
    match line {
        LineStatus::Pending => &[LineStatus::Approved, LineStatus::Rejected, LineStatus::Cancelled],
        LineStatus::Approved | LineStatus::Rejected | LineStatus::Cancelled => &[],
    }
}

/// A decision concerns all lines at once; loans live apart. `None`: none is promised yet.
#[derive(Clone, PartialEq)]
struct Life {
    line: LineStatus,
    loans: Vec<LoanStatus>,
}

impl Life {
    fn next(&self) -> Vec<Self> {
        let decided = after_line(self.line).iter().map(|line| Self {
            line: *line,
            loans: if *line == LineStatus::Approved { vec![LoanStatus::Promised; 2] } else { Vec::new() },
        });
        let moved = (0..self.loans.len()).flat_map(|position| {
            after_loan(self.loans[position]).iter().map(move |(to, _)| {
                let mut loans = self.loans.clone();
                loans[position] = *to;
                Self { line: self.line, loans }
            })
        });
        // Cancelling gives up every promised loan at once.
        let is_promised = self.loans.iter().all(|loan| *loan == LoanStatus::Promised) && !self.loans.is_empty();
        let cancelled = is_promised.then(|| Self { line: LineStatus::Cancelled, loans: vec![LoanStatus::Released; 2] });
        decided.chain(moved).chain(cancelled).collect()
    }

    fn status(&self, was_decided: bool) -> RequisitionStatus {
        let lines = [line(self.line), line(self.line)];
        let loans: Vec<_> = self.loans.iter().map(|status| loan(*status)).collect();
        status_of(&lines, &loans, &[], was_decided)
    }
}

fn walk(
    decided: bool,
    arrows: &mut BTreeSet<(RequisitionStatus, RequisitionStatus)>,
    reached: &mut BTreeSet<RequisitionStatus>,
) {
    let start = match decided {
        true => Life { line: LineStatus::Pending, loans: Vec::new() },
        false => Life { line: LineStatus::Approved, loans: vec![LoanStatus::Promised; 2] },
    };
    let (mut seen, mut ahead) = (Vec::new(), vec![start]);
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
        checked_out_at: None,
        returned_at: None,
        snipeit_user_id: None,
        fingerprint: None,
        failure: None,
        returned_as: None,
        watch: Default::default(),
        version: 1,
    }
}
