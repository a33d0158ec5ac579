//! Who is in a project, as what. Somebody always leads it, and whoever leaves stays in its history.

use super::{Member, MemberRole, ProjectRefused, Team};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Recipient},
    id::UserId,
    notification::NotificationEvent,
    permission::Permission,
    user::Role,
};

impl Team {
    /// # Errors
    /// The project is over, the person in it already, or a student who is to supervise.
    pub fn add(self, by: UserId, who: (UserId, Role), role: MemberRole) -> Result<Change, ProjectRefused> {
        self.check_going_on(Permission::AddMember)?;
        let (user_id, at_university) = who;
        if self.role_of(user_id).is_some() {
            return Err(ProjectRefused::AlreadyAMember);
        }
        check_supervising(at_university, role)?;
        let member = Member { project_id: self.project.id, user_id, role };
        let mut change = Change::add_member(member, &Cause::new(Actor::User(by), "added"));
        if user_id != by {
            self.letter(&mut change, NotificationEvent::MemberAdded, Recipient::User(user_id), None);
        }
        Ok(change)
    }

    /// The same role once more changes nothing. Whoever gets another one from somebody else is told.
    ///
    /// # Errors
    /// The project is over, there is no such member, they lead it alone, are a student who is to supervise, or supervise
    /// it and are not `by`'s to release.
    pub fn change_role(
        self,
        by: (UserId, Role),
        who: (UserId, Role),
        role: MemberRole,
    ) -> Result<Change, ProjectRefused> {
        self.check_going_on(Permission::ChangeMemberRole)?;
        let (user_id, at_university) = who;
        let before = self.member(user_id)?;
        if before.role == role {
            return Ok(Change::default());
        }
        check_supervising(at_university, role)?;
        self.check_leader_stays(before)?;
        check_supervisor_stays(before, by)?;
        let cause = Cause::new(Actor::User(by.0), "role_changed");
        let mut change = Change::change_member_role(before, role, &cause);
        if !Permission::JoinWaitingList.rule().in_project.contains(&role) {
            change.append(self.end_places_of(user_id, &cause));
        }
        if user_id != by.0 {
            self.letter(&mut change, NotificationEvent::MemberRoleChanged, Recipient::User(user_id), None);
        }
        Ok(change)
    }

    /// # Errors
    /// The project is over, there is no such member, they lead it alone, or supervise it and are not `by`'s to release.
    pub fn remove(self, by: (UserId, Role), user: UserId, reason: Option<&str>) -> Result<Change, ProjectRefused> {
        self.check_going_on(Permission::RemoveMember)?;
        let member = self.member(user)?;
        self.check_leader_stays(member)?;
        check_supervisor_stays(member, by)?;
        let by = by.0;
        let cause = Cause { reason: reason.map(str::to_owned), ..Cause::new(Actor::User(by), "removed") };
        let mut change = self.end_membership(member, &cause);
        if user != by {
            self.letter(&mut change, NotificationEvent::MemberRemoved, Recipient::User(user), reason);
        }
        Ok(change)
    }

    /// What one has borrowed stays one's own to see and to return.
    ///
    /// # Errors
    /// The project is over, one is not in it, or leads it alone.
    pub fn leave(self, user: UserId) -> Result<Change, ProjectRefused> {
        self.check_going_on(Permission::LeaveProject)?;
        let member = self.member(user)?;
        self.check_leader_stays(member)?;
        Ok(self.end_membership(member, &Cause::new(Actor::User(user), "left")))
    }

    fn end_membership(&self, member: Member, cause: &Cause) -> Change {
        let mut change = Change::end_membership(member, cause);
        change.append(self.end_places_of(member.user_id, cause));
        change
    }

    fn member(&self, user: UserId) -> Result<Member, ProjectRefused> {
        self.members.iter().find(|member| member.user_id == user).copied().ok_or(ProjectRefused::NotThere)
    }

    fn check_leader_stays(&self, going: Member) -> Result<(), ProjectRefused> {
        let remains = self.leaders().any(|leader| leader != going.user_id);
        if going.role == MemberRole::Leader && !remains { Err(ProjectRefused::LastLeader) } else { Ok(()) }
    }
}

fn check_supervising(at_university: Role, role: MemberRole) -> Result<(), ProjectRefused> {
    let refused = role == MemberRole::Supervisor && !at_university.may_supervise();
    if refused { Err(ProjectRefused::CannotSupervise) } else { Ok(()) }
}

/// Leaders are looked after by their supervisors: they do not send them away.
fn check_supervisor_stays(going: Member, (by, at_university): (UserId, Role)) -> Result<(), ProjectRefused> {
    let may_release = at_university.is_staff() || going.user_id == by;
    if going.role == MemberRole::Supervisor && !may_release { Err(ProjectRefused::SupervisorStays) } else { Ok(()) }
}
