//! One project with everybody who is in it, and why something cannot be done to it.

use super::{Member, MemberRole, Obstacles, Project, ProjectStatus};
use crate::domain::{
    change::{Change, NewNotification, Recipient},
    id::{NotificationId, UserId},
    notification::NotificationEvent,
    permission::Permission,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub project: Project,
    /// Those who are in it now; whoever left is history.
    pub members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectRefused {
    #[error("the project is {0}; only one that is pending can be activated or rejected")]
    NotPending(ProjectStatus),
    #[error("the project is {0}; only an active one can be completed or archived")]
    NotActive(ProjectStatus),
    #[error("the project is {0}; what it was is no longer changed")]
    Over(ProjectStatus),
    #[error("{0}")]
    InTheWay(Obstacles),
    #[error("the person is a member of the project already; change their role instead")]
    AlreadyAMember,
    #[error("there is no such member, or they have left")]
    NotThere,
    #[error("a project needs a leader; make somebody else a leader first")]
    LastLeader,
    #[error("students do not supervise projects; name a professor or somebody of the lab's staff")]
    CannotSupervise,
    #[error("say why, so that people know what to do")]
    ReasonMissing,
}

impl Team {
    pub fn role_of(&self, user: UserId) -> Option<MemberRole> {
        self.members.iter().find(|member| member.user_id == user).map(|member| member.role)
    }

    pub(super) fn leaders(&self) -> impl Iterator<Item = UserId> {
        self.members.iter().filter(|member| member.role == MemberRole::Leader).map(|member| member.user_id)
    }

    /// # Errors
    /// [`ProjectRefused::Over`] in a state in which the table does not allow it.
    pub(super) fn check_going_on(&self, permission: Permission) -> Result<(), ProjectRefused> {
        let status = self.project.status;
        if permission.rule().allowed_while.allows_project(status) { Ok(()) } else { Err(ProjectRefused::Over(status)) }
    }

    pub(super) fn letter(&self, change: &mut Change, event: NotificationEvent, to: Recipient, message: Option<&str>) {
        change.notify(NewNotification {
            id: NotificationId::generate(),
            event,
            to,
            requisition_id: None,
            subject_id: self.project.id.0,
            message: message.map(str::to_owned),
        });
    }

    /// To its creator and its leaders, each once, and not to the person who did it.
    pub(super) fn letter_to_those_in_charge(
        &self,
        change: &mut Change,
        event: NotificationEvent,
        by: UserId,
        message: Option<&str>,
    ) {
        let mut told = vec![by];
        for user in [self.project.created_by].into_iter().chain(self.leaders()) {
            if !told.contains(&user) {
                told.push(user);
                self.letter(change, event, Recipient::User(user), message);
            }
        }
    }
}
