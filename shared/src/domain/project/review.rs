//! Before a project begins: a technician lets it begin or not. While it goes on: its leaders keep its page up to date.

use super::{Project, ProjectDetails, ProjectRefused, ProjectStatus, Team};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::UserId,
    notification::NotificationEvent,
    permission::Permission,
};

impl Team {
    /// From now on its members may request.
    ///
    /// # Errors
    /// [`ProjectRefused::NotPending`].
    pub fn activate(self, by: UserId) -> Result<Change, ProjectRefused> {
        self.check_pending(Permission::ActivateProject)?;
        let cause = Cause::new(Actor::User(by), "activated");
        let mut change = self.moved_to(ProjectStatus::Active, &cause);
        self.letter_to_those_in_charge(&mut change, NotificationEvent::ProjectActivated, by, None);
        Ok(change)
    }

    /// # Errors
    /// [`ProjectRefused::NotPending`], or a reason is missing.
    pub fn reject(self, by: UserId, reason: &str) -> Result<Change, ProjectRefused> {
        self.check_pending(Permission::RejectProject)?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(ProjectRefused::ReasonMissing);
        }
        let cause = Cause::new(Actor::User(by), "rejected").because(reason);
        let mut change = self.moved_to(ProjectStatus::Rejected, &cause);
        self.letter_to_those_in_charge(&mut change, NotificationEvent::ProjectRejected, by, Some(reason));
        Ok(change)
    }

    /// History names the fields; what stood in them before is not kept. Nothing changes where nothing differs.
    ///
    /// # Errors
    /// [`ProjectRefused::Over`].
    pub fn edit(self, by: UserId, details: ProjectDetails) -> Result<Change, ProjectRefused> {
        self.check_going_on(Permission::EditProject)?;
        let differences = self.project.details.differences(&details);
        if differences.is_empty() {
            return Ok(Change::default());
        }
        let cause = Cause::new(Actor::User(by), "edited").because(differences.join(", "));
        let after = Project { details, ..self.project.clone() };
        Ok(Change::update_project(&self.project, after, &cause))
    }

    pub(super) fn moved_to(&self, status: ProjectStatus, cause: &Cause) -> Change {
        let after = Project { status, ..self.project.clone() };
        Change::update_project(&self.project, after, cause)
    }

    fn check_pending(&self, permission: Permission) -> Result<(), ProjectRefused> {
        let status = self.project.status;
        let allowed = permission.rule().allowed_while.allows_project(status);
        if allowed { Ok(()) } else { Err(ProjectRefused::NotPending(status)) }
    }
}
