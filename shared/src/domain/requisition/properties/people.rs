//! The people of the random world: what they are at the lab and in the project, and who stands in for whom.

use super::given::now;
use crate::domain::{
    change::Write,
    deputy::{Deputy, DeputyWish, Party},
    id::UserId,
    project::MemberRole,
    requisition::{Decide, Dossier},
    user::Role,
};
use chrono::TimeDelta;

/// The first asked for it and leads the project.
const CAST: [(Role, Option<MemberRole>); 9] = [
    (Role::Technician, Some(MemberRole::Leader)),
    (Role::Student, Some(MemberRole::Member)),
    (Role::Professor, Some(MemberRole::Supervisor)),
    (Role::Technician, Some(MemberRole::Supervisor)),
    (Role::Technician, Some(MemberRole::Member)),
    (Role::Technician, None),
    (Role::Technician, None),
    (Role::Admin, None),
    (Role::Professor, None),
];
pub(super) const MANY: usize = CAST.len();
/// A technician who supervises the project, and who stands in for them at first.
pub(super) const TWO_YESES: [usize; 2] = [3, 5];

pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) role: Role,
    pub(super) member: Option<MemberRole>,
    /// They have borrowed for the project, and may have left it since.
    pub(super) has_part: bool,
}

pub(super) struct People {
    people: Vec<Person>,
    /// Those whose time is not over.
    deputies: Vec<Deputy>,
}

impl People {
    /// Both supervisors are away, each with somebody in their place.
    pub(super) fn gather() -> Self {
        let person = |(role, member)| {
            let has_part = matches!(member, Some(MemberRole::Leader | MemberRole::Member));
            Person { id: UserId::generate(), role, member, has_part }
        };
        let mut people = Self { people: CAST.into_iter().map(person).collect(), deputies: Vec::new() };
        let [absent, deputy] = TWO_YESES;
        assert!(people.name_deputy(2, 8) && people.name_deputy(absent, deputy));
        people
    }

    pub(super) fn get(&self, index: usize) -> &Person {
        &self.people[index]
    }

    pub(super) fn find(&self, id: UserId) -> &Person {
        self.people.iter().find(|person| person.id == id).expect("one of the cast")
    }

    pub(super) fn role_of(&self, id: UserId) -> Role {
        self.find(id).role
    }

    /// Everybody but who asked for it may leave.
    pub(super) fn leave(&mut self, index: usize) -> bool {
        let is_in = index != 0 && self.people[index].member.is_some();
        if is_in {
            self.people[index].member = None;
        }
        is_in
    }

    /// Somebody will be away for a week and wants a deputy in place of the one before, as far as the rules let them.
    pub(super) fn name_deputy(&mut self, absent: usize, deputy: usize) -> bool {
        let party = |index: usize| Party { id: self.people[index].id, role: self.people[index].role };
        let (absent, until) = (party(absent), now() + TimeDelta::days(7));
        if absent.role == Role::Student {
            return false;
        }
        let wish = DeputyWish { absent, deputy: party(deputy), starts_at: now(), until };
        let Ok((_, change)) = wish.name(&[], now()) else { return false };
        self.deputies.retain(|present| present.user_id != absent.id);
        self.deputies.extend(change.writes.into_iter().filter_map(|write| match write {
            Write::InsertDeputy(deputy) => Some(deputy),
            _ => None,
        }));
        true
    }

    pub(super) fn supervisors(&self) -> Vec<UserId> {
        let supervises = |person: &&Person| person.member == Some(MemberRole::Supervisor);
        self.people.iter().filter(supervises).map(|person| person.id).collect()
    }

    /// Who may not decide it, as the database tells it.
    pub(super) fn insiders(&self, dossier: &Dossier) -> Vec<UserId> {
        self.people.iter().filter(|one| one.has_part || dossier.is_of(one.id)).map(|one| one.id).collect()
    }

    /// As the api finds them when they decide.
    pub(super) fn decider(&self, index: usize, dossier: &Dossier, names_version: bool) -> Decide {
        let Person { id, role, member, has_part } = *self.get(index);
        let insiders = self.insiders(dossier);
        let supervises = |absent: &UserId| self.supervisors().contains(absent);
        let stood_in_for = self.deputies.iter().filter(|one| one.deputy_id == id).map(|one| one.user_id);
        let absent: Vec<_> = stood_in_for.filter(supervises).collect();
        Decide {
            by: id,
            role,
            member,
            is_supervised: !dossier.impartial_supervisors(&self.supervisors(), &insiders).is_empty(),
            in_place_of: dossier.choose_absent(&absent, &insiders),
            names_version,
            has_part,
        }
    }
}
