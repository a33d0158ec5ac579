//! Whether a unit that is kept for a loan will be there when the loan begins.

use super::{Obstacle, Rules, UnitPlan};
use chrono::{DateTime, TimeDelta, Utc};

/// How long before a promised loan begins its unit is looked at.
pub const LOOK_AHEAD: TimeDelta = TimeDelta::hours(12);

/// How soon it is looked again at what is not there, or waits at the counter.
pub const NEXT_LOOK: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// It is there and in order.
    Fine,
    /// It is out and should be back by then.
    ComesBack { due_at: DateTime<Utc> },
    /// It is late, out of order, or with somebody whom the lab did not lend it to.
    AtRisk(Obstacle),
}

impl Rules {
    /// `None` for the plan: Snipe-IT does not list the unit any more.
    pub fn outlook(&self, plan: Option<&UnitPlan>) -> Outlook {
        let Some(plan) = plan.filter(|plan| plan.is_in_order) else {
            return Outlook::AtRisk(Obstacle::OutOfOrder);
        };
        match plan.lent() {
            Some(lent) if lent.period.due_at <= self.now => Outlook::AtRisk(Obstacle::Overdue),
            Some(lent) => Outlook::ComesBack { due_at: lent.period.due_at },
            None if plan.is_held => Outlook::AtRisk(Obstacle::Lent),
            None => Outlook::Fine,
        }
    }
}
