//! What keeps a unit that is out from staying out longer.

use super::{OccupationKind, Rules, UnitPlan};
use crate::domain::requisition::Period;
use chrono::{DateTime, Utc};

/// What is planned for a unit after the loan by which it is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextUse {
    pub kind: OccupationKind,
    pub starts_at: DateTime<Utc>,
    /// When the unit must be back, for the time that the lab wants between two loans.
    pub back_by: DateTime<Utc>,
}

impl Rules {
    /// The first thing that a loan which is out would come too near to if it went on until `due_at`: a longer plan is free
    /// exactly where a new promise of all its time would be.
    pub fn next_use(&self, plan: &UnitPlan, lent: Period, due_at: DateTime<Utc>) -> Option<NextUse> {
        if due_at <= lent.due_at {
            return None;
        }
        let longer = Period { starts_at: lent.due_at, due_at: due_at + self.buffer };
        let met = self.occupations(plan).filter(|occupation| occupation.period.overlaps(longer));
        let first = met.min_by_key(|occupation| occupation.period.starts_at)?;
        let starts_at = first.period.starts_at;
        Some(NextUse { kind: first.kind, starts_at, back_by: starts_at - self.buffer })
    }
}

impl std::fmt::Display for NextUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whose = match self.kind {
            OccupationKind::Lent | OccupationKind::Promised => "promised to somebody else",
            OccupationKind::Held => "kept for the waiting list",
        };
        write!(f, "{whose} from {} on", self.starts_at.format("%Y-%m-%d %H:%M UTC"))?;
        if self.back_by < self.starts_at {
            let back_by = self.back_by.format("%Y-%m-%d %H:%M UTC");
            write!(f, ", and by the lab's time between two loans it must be back by {back_by}")?;
        }
        Ok(())
    }
}
