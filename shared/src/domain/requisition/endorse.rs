//! Endorsing: where a rule asks for it, a supervisor of the project agrees before technicians decide.

use super::{Decide, DecisionRefused, Dossier};
use crate::domain::{
    actor::Actor,
    approval::Stage,
    change::{Cause, Change},
    id::UserId,
    notification::Message,
    permission::Permission,
};
use chrono::{DateTime, Utc};

/// Who agreed, in whose place if not in their own right, and when by the lab's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endorsed {
    pub by: UserId,
    pub on_behalf_of: Option<UserId>,
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
        self.check_has_read(decide)?;
        let mut transition = self.begin();
        let at = transition.after.now;
        transition.after.requisition.endorsed = Some(Endorsed { by: decide.by, on_behalf_of: absent, at });
        transition.after.requisition.waiting_for = Some(Stage::Technician);
        let reason = transition.after.requisition.approval_reason.clone();
        transition.ask_technicians(reason.map(Message::Reason));
        let cause = Cause::new(Actor::User(decide.by), "endorsed").on_behalf_of(absent);
        transition.tell(&cause);
        Ok(transition.finish(&cause))
    }
}
