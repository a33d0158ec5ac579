//! A project as somebody asks for it: pending until the lab has looked, unless its staff asks for others.

use super::{Member, MemberRole, Project, ProjectDetails, ProjectRefused, ProjectStatus, Team};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Decision, Recipient},
    id::{ProjectId, UserId},
    notification::NotificationEvent,
    user::Role,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    pub details: ProjectDetails,
    pub by: UserId,
    pub role: Role,
    /// Somebody else who leads it; `None`: its creator does.
    pub leader: Option<UserId>,
    pub supervisors: Vec<(UserId, Role)>,
}

/// # Errors
/// [`ProjectRefused::CannotSupervise`] if a student is to supervise it.
pub fn create(new: NewProject) -> Result<(ProjectId, Change), ProjectRefused> {
    if new.supervisors.iter().any(|(_, role)| !role.may_supervise()) {
        return Err(ProjectRefused::CannotSupervise);
    }
    let members = members_of(&new);
    let status = if new.is_for_others() { ProjectStatus::Active } else { ProjectStatus::Pending };
    let project = Project { id: ProjectId::generate(), details: new.details, status, created_by: new.by, version: 1 };
    let id = project.id;
    let cause = Cause::new(Actor::User(new.by), "created");
    let members: Vec<_> = members.into_iter().map(|(user_id, role)| Member { project_id: id, user_id, role }).collect();
    let team = Team { project, members, waiting: Vec::new(), insiders: Vec::new() };
    let mut change = Change::create_project(team.project.clone(), team.members.clone(), &cause);
    if status == ProjectStatus::Pending {
        team.letter(&mut change, NotificationEvent::ProjectSubmitted, Recipient::Deciders(Decision::Project), None);
    }
    for member in team.members.iter().filter(|member| member.user_id != new.by) {
        team.letter(&mut change, NotificationEvent::MemberAdded, Recipient::User(member.user_id), None);
    }
    Ok((id, change))
}

impl NewProject {
    /// Somebody of the lab has looked at it already, and borrows nothing for it.
    fn is_for_others(&self) -> bool {
        self.role.is_staff() && self.leader.is_some_and(|leader| leader != self.by)
    }
}

/// The leader first; a professor who names another leader supervises; nobody is two things.
fn members_of(new: &NewProject) -> Vec<(UserId, MemberRole)> {
    let mut members = vec![(new.leader.unwrap_or(new.by), MemberRole::Leader)];
    let creator = (new.role == Role::Professor).then_some(new.by);
    for user in creator.into_iter().chain(new.supervisors.iter().map(|(user, _)| *user)) {
        if members.iter().all(|(member, _)| *member != user) {
            members.push((user, MemberRole::Supervisor));
        }
    }
    members
}
