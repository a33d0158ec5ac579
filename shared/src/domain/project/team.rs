//! One project with everybody who is in it, and why something cannot be done to it.

use super::{Member, MemberRole, Obstacles, Project, ProjectStatus};
use crate::domain::{
    change::{Cause, Change, NewNotification, Recipient},
    id::{NotificationId, UserId},
    notification::{Message, NotificationEvent},
    permission::{Permission, Place},
    user::Role,
    waiting_list::{NamedEntry, end_places},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub project: Project,
    /// Those who are in it now; whoever left is history.
    pub members: Vec<Member>,
    /// Who of them waits for equipment, or has some kept.
    pub waiting: Vec<NamedEntry>,
    /// Who has borrowed for it at any time, so that nobody leaves it to let it begin.
    pub insiders: Vec<UserId>,
}

/// Who can, for a refusal.
const IMPARTIAL: &str = "a technician or an admin can who neither asked for it nor leads it nor borrows for it";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectRefused {
    #[error("only technicians and admins say whether a project may begin")]
    NotStaff,
    #[error("nobody decides whether a project that they asked for may begin; {IMPARTIAL}")]
    OwnProject,
    #[error("nobody decides whether a project may begin that they lead or borrow for, or did before; {IMPARTIAL}")]
    BorrowsForIt,
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
    #[error("only supervisors themselves and the lab's staff end a supervision; ask one of them")]
    SupervisorStays,
    #[error("students do not supervise projects; name a professor or somebody of the lab's staff")]
    CannotSupervise,
    #[error("say why, so that people know what to do")]
    ReasonMissing,
}

impl Team {
    pub fn role_of(&self, user: UserId) -> Option<MemberRole> {
        self.members.iter().find(|member| member.user_id == user).map(|member| member.role)
    }

    /// Where somebody stands who is to say whether it may begin.
    pub(super) fn place_of(&self, user: UserId, role: Role) -> Place {
        Place {
            role,
            member: self.role_of(user),
            in_place_of: None,
            owns: self.project.created_by == user,
            has_part: self.insiders.contains(&user),
        }
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

    /// Whose role lets them ask for equipment no more gives up their places in line.
    pub(super) fn end_places_of(&self, member: UserId, cause: &Cause) -> Change {
        let theirs = self.waiting.iter().filter(|place| place.entry.user_id == member);
        end_places(theirs.cloned(), cause)
    }

    pub(super) fn letter(&self, change: &mut Change, event: NotificationEvent, to: Recipient, message: Option<&str>) {
        change.notify(NewNotification {
            id: NotificationId::generate(),
            event,
            to,
            requisition_id: None,
            subject_id: self.project.id.0,
            message: message.map(Message::said),
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
