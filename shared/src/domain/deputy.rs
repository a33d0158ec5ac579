//! Deputies: who decides in somebody's place while they are away, for a period of the lab's time.
//!
//! A deputy may do what the absent may do as an approver, and nothing of it twice removed: their own deputy stands in for
//! them alone. Somebody may name several, for times that do not overlap. Who stands in now, and in which projects, the views
//! `standing_deputies` and `project_deputies` say.

use super::{
    actor::Actor,
    change::{Cause, Change, Entity, NewNotification, Recipient, Write, entry},
    id::{DeputyId, NotificationId, UserId},
    notification::NotificationEvent,
    user::Role,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Longest time for which one deputy is named at once.
const LONGEST: TimeDelta = TimeDelta::days(366);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deputy {
    pub id: DeputyId,
    /// Who is away.
    pub user_id: UserId,
    pub deputy_id: UserId,
    /// The lab's time.
    pub starts_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// When it was given up before its time.
    pub ended_at: Option<DateTime<Utc>>,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    pub id: UserId,
    pub role: Role,
}

/// Whom somebody wants to decide in their place, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeputyWish {
    pub absent: Party,
    pub deputy: Party,
    pub starts_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeputyRefused {
    #[error("nobody is their own deputy; name a colleague")]
    Oneself,
    #[error("students do not decide, not even in somebody's place; name a professor or somebody of the lab")]
    Student,
    #[error("whoever stands in for somebody of the lab must be of the lab; name a technician or an admin")]
    NotOfTheLab,
    #[error("the time is over before it begins; choose a later end")]
    NoTime,
    #[error("the time lies in the past; choose a later end")]
    InThePast,
    #[error("a deputy is named for at most 366 days; choose an earlier end and name them again then")]
    TooLong,
    #[error(
        "somebody decides in your place from {} until {} already; end that first, or choose a time that does not \
         overlap it", .starts_at.format("%F %R UTC"), .until.format("%F %R UTC")
    )]
    Overlaps { starts_at: DateTime<Utc>, until: DateTime<Utc> },
}

/// Somebody who stands in for a supervisor of a project at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandIn {
    pub deputy: UserId,
    pub absent: UserId,
}

impl DeputyWish {
    /// Names the deputy, who is told. The same once more changes nothing. `named`: those of the absent whose time is not
    /// over.
    ///
    /// # Errors
    /// The rule that says no.
    pub fn name(self, named: &[Deputy], now: DateTime<Utc>) -> Result<(Deputy, Change), DeputyRefused> {
        self.check(now)?;
        if let Some(same) = named.iter().find(|present| self.is_the_same(present, now)) {
            return Ok((same.clone(), Change::default()));
        }
        let (starts_at, until) = (self.starts_at.max(now), self.until);
        if let Some(other) = named.iter().find(|other| starts_at < other.until && other.starts_at < until) {
            return Err(DeputyRefused::Overlaps { starts_at: other.starts_at, until: other.until });
        }
        let mut change = Change::default();
        let deputy = Deputy {
            id: DeputyId::generate(),
            user_id: self.absent.id,
            deputy_id: self.deputy.id,
            starts_at,
            until,
            ended_at: None,
            version: 1,
        };
        deputy.tell(&mut change, "deputy_named", "named");
        deputy.letter(&mut change, NotificationEvent::DeputyNamed);
        change.writes.push(Write::InsertDeputy(deputy.clone()));
        Ok((deputy, change))
    }

    fn check(&self, now: DateTime<Utc>) -> Result<(), DeputyRefused> {
        let Self { absent, deputy, starts_at, until } = *self;
        if absent.id == deputy.id {
            return Err(DeputyRefused::Oneself);
        }
        match deputy.role {
            Role::Student => return Err(DeputyRefused::Student),
            Role::Professor if absent.role.is_staff() => return Err(DeputyRefused::NotOfTheLab),
            Role::Professor | Role::Technician | Role::Admin => {}
        }
        if until <= starts_at {
            return Err(DeputyRefused::NoTime);
        }
        if until <= now {
            return Err(DeputyRefused::InThePast);
        }
        if until - starts_at.max(now) > LONGEST {
            return Err(DeputyRefused::TooLong);
        }
        Ok(())
    }

    fn is_the_same(&self, present: &Deputy, now: DateTime<Utc>) -> bool {
        let begins_alike = self.starts_at == present.starts_at || self.starts_at.max(present.starts_at) <= now;
        present.deputy_id == self.deputy.id && present.until == self.until && begins_alike
    }
}

impl Deputy {
    /// From now on the absent decides alone again, and the deputy is told.
    pub fn end(self, now: DateTime<Utc>) -> Change {
        let mut change = Change::default();
        self.tell(&mut change, "deputy_ended", "ended");
        self.letter(&mut change, NotificationEvent::DeputyEnded);
        change.writes.push(Write::UpdateDeputy(Self { ended_at: Some(now), ..self }));
        change
    }

    fn letter(&self, change: &mut Change, event: NotificationEvent) {
        change.notify(NewNotification {
            id: NotificationId::generate(),
            event,
            to: Recipient::User(self.deputy_id),
            requisition_id: None,
            subject_id: self.id.0,
            message: None,
        });
    }

    /// In the history of both. It is the absent who does it; the other's row is found by the time.
    fn tell(&self, change: &mut Change, event: &'static str, to: &'static str) {
        let period = format!("from {} until {}", self.starts_at.to_rfc3339(), self.until.to_rfc3339());
        let cause = Cause::new(Actor::User(self.user_id), event).because(period);
        for person in [self.user_id, self.deputy_id] {
            change.history.push(entry(Entity::User, person.0, None, to, &cause));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    fn somebody(role: Role) -> Party {
        Party { id: UserId::generate(), role }
    }

    fn wish(absent: Role, deputy: Role) -> DeputyWish {
        let until = now() + TimeDelta::days(7);
        DeputyWish { absent: somebody(absent), deputy: somebody(deputy), starts_at: now(), until }
    }

    #[test]
    fn whoever_may_not_decide_in_somebodys_place_is_refused_with_the_reason() {
        let refused = |absent, deputy| wish(absent, deputy).name(&[], now()).err();
        for absent in [Role::Professor, Role::Technician, Role::Admin] {
            assert_eq!(refused(absent, Role::Student), Some(DeputyRefused::Student));
            let of_the_lab = absent.is_staff().then_some(DeputyRefused::NotOfTheLab);
            assert_eq!(refused(absent, Role::Professor), of_the_lab);
            assert_eq!(refused(absent, Role::Technician), None);
            assert_eq!(refused(absent, Role::Admin), None);
        }
        let oneself = wish(Role::Professor, Role::Professor);
        let oneself = DeputyWish { deputy: oneself.absent, ..oneself };
        assert_eq!(oneself.name(&[], now()).err(), Some(DeputyRefused::Oneself));
    }

    #[test]
    fn a_time_that_is_empty_over_or_too_long_is_refused_and_one_that_has_begun_begins_now() {
        let wish = wish(Role::Professor, Role::Professor);
        let refused = |from: i64, until: i64| {
            let (starts_at, until) = (now() + TimeDelta::hours(from), now() + TimeDelta::hours(until));
            DeputyWish { starts_at, until, ..wish }.name(&[], now()).err()
        };
        assert_eq!(refused(5, 5), Some(DeputyRefused::NoTime));
        assert_eq!(refused(-5, -1), Some(DeputyRefused::InThePast));
        assert_eq!(refused(0, 366 * 24 + 1), Some(DeputyRefused::TooLong));
        assert_eq!(refused(-5, 1), None);
        let begun = DeputyWish { starts_at: now() - TimeDelta::hours(5), ..wish };
        assert_eq!(begun.name(&[], now()).unwrap().0.starts_at, now());
    }

    #[test]
    fn several_are_named_for_times_that_do_not_overlap_and_the_same_changes_nothing() {
        let first = wish(Role::Professor, Role::Professor);
        let (named, change) = first.name(&[], now()).unwrap();
        let told: Vec<_> = change.history.iter().map(|told| (told.entity_id, told.event)).collect();
        assert_eq!(told, [(first.absent.id.0, "deputy_named"), (first.deputy.id.0, "deputy_named")]);
        let letters: Vec<_> = change.notifications.iter().map(|letter| (letter.event, letter.to)).collect();
        assert_eq!(letters, [(NotificationEvent::DeputyNamed, Recipient::User(first.deputy.id))]);
        let (later, present) = (now() + TimeDelta::hours(1), [named.clone()]);
        assert_eq!(first.name(&present, later).unwrap(), (named.clone(), Change::default()));

        let again = |from: DateTime<Utc>, until: DateTime<Utc>| {
            DeputyWish { deputy: somebody(Role::Admin), starts_at: from, until, ..first }.name(&present, now())
        };
        let next = again(named.until, named.until + TimeDelta::days(1)).unwrap();

        assert_eq!(next.1.writes, [Write::InsertDeputy(next.0)], "the other's time goes on");
        let clash = DeputyRefused::Overlaps { starts_at: named.starts_at, until: named.until };
        let hour = TimeDelta::hours(1);
        for (from, until) in
            [(now(), named.until), (now() + hour, now() + hour * 2), (named.until - hour, named.until + hour)]
        {
            assert_eq!(again(from, until).err(), Some(clash));
        }
    }

    #[test]
    fn whoever_ends_it_before_its_time_tells_the_deputy() {
        let (named, _) = wish(Role::Professor, Role::Professor).name(&[], now()).unwrap();

        let change = named.clone().end(now());

        assert_eq!(change.writes, [Write::UpdateDeputy(Deputy { ended_at: Some(now()), ..named.clone() })]);
        let letters: Vec<_> = change.notifications.iter().map(|letter| (letter.event, letter.to)).collect();
        assert_eq!(letters, [(NotificationEvent::DeputyEnded, Recipient::User(named.deputy_id))]);
    }
}
