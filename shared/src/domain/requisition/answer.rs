//! A technician's answer about an operation that Snipe-IT could not tell us about.

use super::{Dossier, FollowUp};
use crate::domain::{
    change::Change,
    finding::Resolution,
    id::OperationId,
    operation::{Action, Event, decide},
};

impl Dossier {
    /// Settles an operation as a person says. `None`: it needs no answer any more, or the answer settles nothing.
    pub fn settle_by_person(self, id: OperationId, resolution: Resolution, follow: &FollowUp) -> Option<Change> {
        let operation = self.find_operation(id)?.clone();
        let (operation, actions) = decide(operation, Event::SettledByPerson(resolution));
        let verdict = actions.into_iter().find_map(|action| match action {
            Action::Settle(verdict) => Some(verdict),
            _ => None,
        })?;
        Some(self.settle(operation, &verdict, &[], follow))
    }
}
