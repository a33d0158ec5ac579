//! Doubt: the database is another than the one that was written to last, and may have forgotten what was sent.

use super::Dossier;
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::OperationId,
    operation::{Event, OperationKind, decide},
    requisition::Loan,
};
use chrono::{DateTime, Utc};

impl Dossier {
    /// Nothing more is sent for what is open before Snipe-IT was looked at, not before `look_after`.
    ///
    /// What is not due yet cannot have been sent and stays as it is.
    /// Returns the doubted operations with their attempts.
    pub fn doubt(self, now: DateTime<Utc>, look_after: DateTime<Utc>) -> (Vec<(OperationId, i32)>, Change) {
        let mut transition = self.begin();
        let loans = transition.after.loans.clone();
        let mut doubted = Vec::new();
        for operation in &mut transition.after.operations {
            let has_begun = |loan: &Loan| loan.period.starts_at <= now || loan.status.is_out();
            let is_due = operation.kind == OperationKind::CheckIn
                || loans.iter().any(|loan| loan.id == operation.loan_id && has_begun(loan));
            if !is_due {
                continue;
            }
            *operation = decide(operation.clone(), Event::Doubted { look_after }).0;
            if operation.in_doubt {
                doubted.push((operation.id, operation.attempts));
            }
        }
        (doubted, transition.finish(&Cause::new(Actor::System, "doubted")))
    }
}
