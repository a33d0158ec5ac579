//! The rule: what keeps a unit from being promised for a period.

use super::{Occupation, OccupationKind, UnitPlan};
use crate::domain::requisition::Period;
use chrono::{DateTime, TimeDelta, Utc};

/// By which numbers it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The lab's time.
    pub now: DateTime<Utc>,
    /// Between a return and the next promise of the same unit.
    pub buffer: TimeDelta,
}

/// Why a unit is not free, the weightiest first: each unit counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Its label in Snipe-IT does not allow lending.
    OutOfOrder,
    /// It should be back and is not: nobody knows when, so it is promised to nobody until then.
    Overdue,
    /// It is out in this period, or with somebody whom we did not lend it to.
    Lent,
    /// It is promised to somebody else.
    Promised,
    /// It is kept for somebody who waited for it.
    Held,
    /// It is between two loans, for the time that the lab wants there.
    Buffer,
}

impl Rules {
    /// `None`: the unit is free for the whole period.
    pub fn obstacle(&self, plan: &UnitPlan, period: Period) -> Option<Obstacle> {
        if !plan.is_in_order {
            return Some(Obstacle::OutOfOrder);
        }
        match plan.lent() {
            Some(lent) if lent.period.due_at <= self.now => return Some(Obstacle::Overdue),
            None if plan.is_held => return Some(Obstacle::Lent),
            Some(_) | None => {}
        }
        let overlapping = self.occupations(plan).filter(|occupation| occupation.period.overlaps(period));
        let kept_from_it = overlapping.map(Occupation::obstacle).min();
        kept_from_it.or_else(|| self.is_in_buffer(plan, period).then_some(Obstacle::Buffer))
    }

    fn is_in_buffer(&self, plan: &UnitPlan, period: Period) -> bool {
        // Nobody has it before now, whatever was asked for.
        let given_at = period.starts_at.max(self.now);
        let is_fresh = plan.last_return.is_some_and(|returned_at| given_at < returned_at + self.buffer);
        let with_buffer = |planned: Period| Period {
            starts_at: planned.starts_at - self.buffer,
            due_at: planned.due_at + self.buffer,
        };
        is_fresh || self.occupations(plan).any(|occupation| with_buffer(occupation.period).overlaps(period))
    }

    /// From when on the unit is free for what is left of the period, where nothing but its rest after a return is in the way.
    pub fn rested_at(&self, plan: &UnitPlan, period: Period) -> Option<DateTime<Utc>> {
        let starts_at = plan.last_return? + self.buffer;
        let is_later = period.starts_at < starts_at && starts_at < period.due_at;
        let rests = is_later && self.obstacle(plan, period) == Some(Obstacle::Buffer);
        (rests && self.obstacle(plan, Period { starts_at, ..period }).is_none()).then_some(starts_at)
    }

    /// As they keep the unit from others: what is out is out from now on, though its loan was to begin later, and what was
    /// kept for somebody until now is kept no longer.
    pub(super) fn occupations<'a>(&'a self, plan: &'a UnitPlan) -> impl Iterator<Item = Occupation> + Clone + 'a {
        let is_over = |one: &Occupation| one.kind == OccupationKind::Held && one.period.due_at <= self.now;
        plan.occupations.iter().filter(move |one| !is_over(one)).map(|occupation| {
            let Period { starts_at, due_at } = occupation.period;
            let starts_at = match occupation.kind {
                OccupationKind::Lent => starts_at.min(self.now),
                OccupationKind::Promised | OccupationKind::Held => starts_at,
            };
            Occupation { period: Period { starts_at, due_at }, ..*occupation }
        })
    }
}

impl Obstacle {
    /// For history.
    pub fn reason(self) -> &'static str {
        match self {
            Self::OutOfOrder => "the unit is out of order",
            Self::Overdue => "the unit is overdue",
            Self::Lent => "the unit is with somebody else",
            Self::Promised => "the unit is promised to somebody else",
            Self::Held => "the unit is kept for somebody who waited for it",
            Self::Buffer => "the unit rests between two loans",
        }
    }
}

impl Occupation {
    fn obstacle(self) -> Obstacle {
        match self.kind {
            OccupationKind::Lent => Obstacle::Lent,
            OccupationKind::Promised => Obstacle::Promised,
            OccupationKind::Held => Obstacle::Held,
        }
    }
}
