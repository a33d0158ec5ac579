//! Endorsing: where a rule asks for it, a supervisor of the project agrees before technicians decide.

use super::{Decide, DecisionRefused, Dossier};
use crate::domain::{
    actor::Actor,
    approval::Stage,
    change::{Cause, Change},
    id::UserId,
    notification::NotificationEvent,
    permission::Permission,
};
use chrono::{DateTime, Utc};

/// Who agreed, and when by the lab's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endorsed {
    pub by: UserId,
    pub at: DateTime<Utc>,
}

impl Dossier {
    /// A supervisor agrees, or whoever stands in for one; technicians decide next.
    ///
    /// # Errors
    /// The rule that says no.
    pub fn endorse(self, decide: Decide) -> Result<Change, DecisionRefused> {
        let absent = self.check_may(Permission::EndorseRequisition, decide)?;
        if self.requisition.waiting_for != Some(Stage::Supervisor) {
            return Err(DecisionRefused::NotWithSupervisor);
        }
        let mut transition = self.begin();
        let at = transition.after.now;
        transition.after.requisition.endorsed = Some(Endorsed { by: decide.by, at });
        transition.after.requisition.waiting_for = Some(Stage::Technician);
        let reason = transition.after.requisition.approval_reason.clone();
        transition.notify_technicians(NotificationEvent::ApprovalNeeded, reason);
        let cause = Cause::new(Actor::User(decide.by), "endorsed").on_behalf_of(absent);
        transition.tell(&cause);
        Ok(transition.finish(&cause))
    }
}
