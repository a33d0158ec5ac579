//! The table's answer for one person.

use super::{
    Permission,
    rule::{Own, Subject},
};
use crate::domain::{project::MemberRole, user::Role};

/// Where somebody stands towards the thing they want to do something to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub role: Role,
    /// What they are in the thing's project; `None`: no member, or it belongs to no project.
    pub member: Option<MemberRole>,
    /// In whose place they are in the thing's project at this moment, by what that member is there.
    pub in_place_of: Option<MemberRole>,
    /// They asked for it, hold it, or are it.
    pub owns: bool,
    /// They have borrowed for its project at some time since it was asked for.
    pub has_part: bool,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Not even that it exists is theirs to know.
    Hidden,
    /// Not with their role at the university.
    Role,
    /// Not with their role in the project.
    MemberRole,
    /// Somebody else must.
    Own,
    /// Somebody else must, who does not borrow for the project.
    Conflict,
}

impl Place {
    /// Whoever borrows for a project decides nothing about it, in nobody's place.
    fn stands_in_as(self) -> Option<MemberRole> {
        if self.borrows() { None } else { self.in_place_of }
    }

    /// For the thing's project, now or since it was asked for.
    fn borrows(self) -> bool {
        match self.member {
            Some(MemberRole::Leader | MemberRole::Member) => true,
            Some(MemberRole::Supervisor | MemberRole::Observer) | None => self.has_part,
        }
    }
}

impl Permission {
    /// What can be said before the thing is known.
    ///
    /// # Errors
    /// [`Denied::Role`] if the role excludes it whatever the thing is.
    pub fn check_role(self, role: Role) -> Result<(), Denied> {
        let rule = self.rule();
        let depends = match rule.subject {
            Subject::Nothing => false,
            Subject::Rows => true,
            Subject::One => rule.own == Own::May || !rule.in_project.is_empty() || !rule.deputies.is_empty(),
        };
        if depends || rule.anywhere.contains(&role) { Ok(()) } else { Err(Denied::Role) }
    }

    /// # Errors
    /// Why not.
    pub fn check(self, place: Place) -> Result<(), Denied> {
        self.check_role(place.role)?;
        let rule = self.rule();
        if rule.own == Own::Never && place.owns {
            return Err(Denied::Own);
        }
        let may = rule.anywhere.contains(&place.role)
            || place.member.is_some_and(|member| rule.in_project.contains(&member))
            || place.stands_in_as().is_some_and(|absent| rule.deputies.contains(&absent))
            || (rule.own == Own::May && place.owns);
        match may {
            true if rule.impartial && place.borrows() => Err(Denied::Conflict),
            true => Ok(()),
            false => Err(self.denied(place)),
        }
    }

    fn denied(self, place: Place) -> Denied {
        // What belongs to no project is not shown to fellow members either.
        let member = place.member.filter(|_| !self.rule().in_project.is_empty());
        let sees = place.role.is_staff() || member.is_some() || place.owns;
        match (sees, member) {
            (false, _) => Denied::Hidden,
            (true, Some(_)) => Denied::MemberRole,
            (true, None) => Denied::Role,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> impl Iterator<Item = Place> {
        let members = || [None].into_iter().chain(MemberRole::ALL.iter().copied().map(Some));
        members().flat_map(move |member| members().map(move |in_place_of| (member, in_place_of))).flat_map(
            |(member, in_place_of)| {
                let place = move |role, owns| Place { role, member, in_place_of, owns, has_part: false };
                Role::ALL.iter().flat_map(move |&role| [true, false].map(|owns| place(role, owns)))
            },
        )
    }

    #[test]
    fn nobody_decides_their_own_whatever_their_roles() {
        for permission in [
            Permission::DecideRequisition,
            Permission::ApproveRequisition,
            Permission::EndorseRequisition,
            Permission::RejectRequisition,
            Permission::GrantExtension,
            Permission::RejectExtension,
        ] {
            for place in places().filter(|place| place.owns) {
                assert!(permission.check(place).is_err(), "{permission} {place:?}");
            }
        }
    }

    #[test]
    fn whoever_borrows_for_a_project_decides_nothing_of_it_whatever_their_roles() {
        for permission in [
            Permission::DecideRequisition,
            Permission::ApproveRequisition,
            Permission::EndorseRequisition,
            Permission::RejectRequisition,
            Permission::GrantExtension,
            Permission::RejectExtension,
        ] {
            for place in places() {
                let borrows = matches!(place.member, Some(MemberRole::Leader | MemberRole::Member));
                assert!(!borrows || permission.check(place).is_err(), "{permission} {place:?}");
                let before = Place { has_part: true, ..place };
                assert!(permission.check(before).is_err(), "{permission} {before:?}");
            }
        }
        let leads = Place {
            role: Role::Technician,
            member: Some(MemberRole::Leader),
            in_place_of: None,
            owns: false,
            has_part: false,
        };
        assert_eq!(Permission::ApproveRequisition.check(leads), Err(Denied::Conflict));
        assert_eq!(Permission::HandOver.check(leads), Ok(()));
    }

    #[test]
    fn a_deputy_may_only_what_a_supervisor_decides_and_never_for_a_project_that_they_borrow_for() {
        let may = |permission: Permission, member, in_place_of| {
            let place = Place { role: Role::Professor, member, in_place_of, owns: false, has_part: false };
            permission.check(place).is_ok()
        };
        for &permission in Permission::ALL {
            let more = may(permission, None, Some(MemberRole::Supervisor)) && !may(permission, None, None);
            let decides = matches!(permission, Permission::EndorseRequisition | Permission::RejectRequisition);
            let reads = matches!(permission, Permission::ReadRequisition | Permission::ListRequisitions);
            assert_eq!(more, decides || reads, "{permission}");
            for borrower in [MemberRole::Leader, MemberRole::Member] {
                let stands_in = may(permission, Some(borrower), Some(MemberRole::Supervisor));
                assert_eq!(stands_in, may(permission, Some(borrower), None), "{permission}");
            }
        }
    }

    #[test]
    fn observers_and_supervisors_without_another_role_change_nothing_of_others() {
        let looking = [Some(MemberRole::Observer), Some(MemberRole::Supervisor)];
        let place = |member| Place { role: Role::Professor, member, in_place_of: None, owns: false, has_part: false };
        for permission in [
            Permission::AddMember,
            Permission::SubmitRequisition,
            Permission::CancelRequisition,
            Permission::ReturnLoan,
        ] {
            for member in looking {
                assert_eq!(permission.check(place(member)), Err(Denied::MemberRole), "{permission}");
            }
        }
    }

    #[test]
    fn what_a_stranger_may_not_do_is_hidden_if_it_is_a_projects_and_refused_if_it_is_nobodys() {
        let stranger = Place { role: Role::Student, member: None, in_place_of: None, owns: false, has_part: false };
        assert_eq!(Permission::ReadRequisition.check(stranger), Err(Denied::Hidden));
        assert_eq!(Permission::ReadUser.check(stranger), Err(Denied::Hidden));
        assert_eq!(Permission::ListFindings.check(stranger), Err(Denied::Role));
        assert_eq!(Permission::ApproveRequisition.check(stranger), Err(Denied::Role));
    }

    #[test]
    fn an_admin_may_whatever_a_technician_may() {
        for permission in Permission::ALL {
            for place in places().filter(|place| place.role == Role::Technician) {
                let admin = Place { role: Role::Admin, ..place };
                assert!(permission.check(place).is_err() || permission.check(admin).is_ok(), "{permission} {place:?}");
            }
        }
    }

    #[test]
    fn whoever_may_see_one_thing_may_ask_for_it_by_role() {
        for permission in Permission::ALL {
            for place in places() {
                let refused_by_role = permission.check_role(place.role).is_err();
                assert!(!refused_by_role || permission.check(place) == Err(Denied::Role), "{permission} {place:?}");
            }
        }
    }
}
