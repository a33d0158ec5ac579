//! A technician's answer about an operation that Snipe-IT could not tell us about.

use super::{Dossier, FollowUp};
use crate::domain::{
    change::{Change, Entity, HistoryEntry, entry},
    finding::Resolution,
    id::OperationId,
    operation::{Action, Event, decide},
};
use chrono::NaiveDateTime;
use uuid::Uuid;

/// What a technician says, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonsAnswer {
    pub resolution: Resolution,
    /// Since when Snipe-IT shows the unit with the borrower: the tenure of a check-out whose fingerprint is forgotten.
    pub seen_since: Option<NaiveDateTime>,
}

impl Dossier {
    /// Settles an operation as a person says. `None`: it needs no answer any more, or the answer settles nothing.
    ///
    /// The person stands in the history of operation, loan and requisition, also where the answer leaves them as they were.
    pub fn settle_by_person(self, id: OperationId, answer: PersonsAnswer, follow: &FollowUp) -> Option<Change> {
        let mut operation = self.find_operation(id)?.clone();
        operation.fingerprint = operation.fingerprint.or(answer.seen_since);
        let loan = self.find_loan(operation.loan_id)?;
        let (loan, loan_status) = (loan.id.0, loan.status.as_str());
        let (requisition, status) = (self.requisition.id, self.requisition.status.as_str());
        let (operation, actions) = decide(operation, Event::SettledByPerson(answer.resolution));
        let verdict = actions.into_iter().find_map(|action| match action {
            Action::Settle(verdict) => Some(verdict),
            _ => None,
        })?;
        let mut change = self.settle(operation, &verdict, &[], follow);
        for (entity, entity_id, status) in
            [(Entity::Loan, loan, loan_status), (Entity::Requisition, requisition.0, status)]
        {
            if !has_moved(&change, entity, entity_id) {
                let told = entry(entity, entity_id, Some(status), status, &follow.cause);
                change.history.push(HistoryEntry { requisition_id: Some(requisition), ..told });
            }
        }
        Some(change)
    }
}

fn has_moved(change: &Change, entity: Entity, id: Uuid) -> bool {
    change.history.iter().any(|entry| entry.entity == entity && entry.entity_id == id)
}
