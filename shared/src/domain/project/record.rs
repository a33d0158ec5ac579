//! What changes of a project, as rows and their history.

use super::{Member, MemberRole, Project};
use crate::domain::change::{Cause, Change, Entity, HistoryEntry, Write, entry};

/// What a history row says of somebody who is a member no longer.
const FORMER: &str = "former";

impl Change {
    /// A project as its creator asks for it, with its first leader and whoever else is in it from the start.
    pub fn create_project(project: Project, members: impl IntoIterator<Item = Member>, cause: &Cause) -> Self {
        let mut change = Self::default();
        change.record_project(&project, None, cause);
        change.writes.push(Write::InsertProject(project));
        for member in members {
            change.record_member(member, None, member.role.as_str(), cause);
            change.writes.push(Write::InsertMember(member));
        }
        change
    }

    /// A project that moves to another status, or whose page was edited: what it said before stays readable.
    pub fn update_project(before: &Project, after: Project, cause: &Cause) -> Self {
        let mut change = Self::default();
        change.record_project(&after, Some(before), cause);
        change.writes.push(Write::UpdateProject(after));
        change
    }

    /// Somebody who joins, for the first time or again.
    pub fn add_member(member: Member, cause: &Cause) -> Self {
        let mut change = Self::default();
        change.record_member(member, None, member.role.as_str(), cause);
        change.writes.push(Write::InsertMember(member));
        change
    }

    pub(super) fn change_member_role(before: Member, role: MemberRole, cause: &Cause) -> Self {
        let mut change = Self::default();
        change.record_member(before, Some(before.role.as_str()), role.as_str(), cause);
        change.writes.push(Write::UpdateMember(Member { role, ..before }));
        change
    }

    pub(super) fn end_membership(member: Member, cause: &Cause) -> Self {
        let mut change = Self::default();
        change.record_member(member, Some(member.role.as_str()), FORMER, cause);
        change.writes.push(Write::EndMembership(member));
        change
    }

    fn record_project(&mut self, project: &Project, before: Option<&Project>, cause: &Cause) {
        let from = before.map(|before| before.status.as_str());
        let changes = before.map(|before| before.details.changes_to(&project.details)).unwrap_or_default();
        let told = entry(Entity::Project, project.id.0, from, project.status.as_str(), cause);
        self.history.push(HistoryEntry { project_id: Some(project.id), changes, ..told });
    }

    fn record_member(&mut self, member: Member, from: Option<&'static str>, to: &'static str, cause: &Cause) {
        let told = entry(Entity::ProjectMember, member.user_id.0, from, to, cause);
        self.history.push(HistoryEntry { project_id: Some(member.project_id), ..told });
    }
}
