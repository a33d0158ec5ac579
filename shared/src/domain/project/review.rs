//! Before a project begins: a technician lets it begin or not. While it goes on: its leaders keep its page up to date.

use super::{Project, ProjectDetails, ProjectRefused, ProjectStatus, Team};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Write},
    id::UserId,
    notice::Moot,
    notification::NotificationEvent,
    permission::{Denied, Permission},
    user::Role,
    waiting_list::end_places,
};

impl Team {
    /// From now on its members may request.
    ///
    /// # Errors
    /// [`ProjectRefused::NotPending`], or they have a part in it.
    pub fn activate(self, by: (UserId, Role)) -> Result<Change, ProjectRefused> {
        let by = self.check_review(Permission::ActivateProject, by)?;
        let cause = Cause::new(Actor::User(by), "activated");
        let mut change = self.moved_to(ProjectStatus::Active, &cause);
        self.letter_to_those_in_charge(&mut change, NotificationEvent::ProjectActivated, by, None);
        Ok(change)
    }

    /// # Errors
    /// [`ProjectRefused::NotPending`], they have a part in it, or a reason is missing.
    pub fn reject(self, by: (UserId, Role), reason: &str) -> Result<Change, ProjectRefused> {
        let by = self.check_review(Permission::RejectProject, by)?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(ProjectRefused::ReasonMissing);
        }
        let cause = Cause::new(Actor::User(by), "rejected").because(reason);
        let mut change = self.moved_to(ProjectStatus::Rejected, &cause);
        self.letter_to_those_in_charge(&mut change, NotificationEvent::ProjectRejected, by, Some(reason));
        Ok(change)
    }

    /// History tells what each field said before and says now. Nothing changes where nothing differs.
    ///
    /// # Errors
    /// [`ProjectRefused::Over`].
    pub fn edit(self, by: UserId, details: ProjectDetails) -> Result<Change, ProjectRefused> {
        self.check_going_on(Permission::EditProject)?;
        let changes = self.project.details.changes_to(&details);
        if changes.is_empty() {
            return Ok(Change::default());
        }
        let fields: Vec<_> = changes.iter().map(|change| change.field.as_ref()).collect();
        let cause = Cause::new(Actor::User(by), "edited").because(fields.join(", "));
        let after = Project { details, ..self.project.clone() };
        Ok(Change::update_project(&self.project, after, &cause))
    }

    /// Where nobody may ask for equipment any more, nobody waits for it either; and what it was asked for is known.
    pub(super) fn moved_to(&self, status: ProjectStatus, cause: &Cause) -> Change {
        let (id, was) = (self.project.id, self.project.status);
        let after = Project { status, ..self.project.clone() };
        let mut change = Change::update_project(&self.project, after, cause);
        if !Permission::JoinWaitingList.rule().allowed_while.allows_project(status) {
            change.append(end_places(self.waiting.iter().cloned(), cause));
        }
        if was == ProjectStatus::Pending {
            let events = &[NotificationEvent::ProjectSubmitted];
            change.writes.push(Write::MarkMoot(Moot { subject_id: id.0, events }));
        }
        change
    }

    /// Nobody looks at their own.
    fn check_review(&self, permission: Permission, by: (UserId, Role)) -> Result<UserId, ProjectRefused> {
        let (by, role) = by;
        match permission.check(self.place_of(by, role)) {
            Ok(()) => {}
            Err(Denied::Own) => return Err(ProjectRefused::OwnProject),
            Err(Denied::Conflict) => return Err(ProjectRefused::BorrowsForIt),
            Err(Denied::Hidden | Denied::Role | Denied::MemberRole) => return Err(ProjectRefused::NotStaff),
        }
        let status = self.project.status;
        let allowed = permission.rule().allowed_while.allows_project(status);
        if allowed { Ok(by) } else { Err(ProjectRefused::NotPending(status)) }
    }
}
