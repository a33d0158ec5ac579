//! How many units are free, step by step, and why the others are not.

use super::{Obstacle, Rules, UnitPlan};
use crate::domain::requisition::Period;

/// The units of one model in one period; each counts once, so together they are all that Snipe-IT lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FreeUnits {
    /// For the whole period.
    pub free: usize,
    pub lent: usize,
    pub promised: usize,
    pub held: usize,
    pub overdue: usize,
    pub buffer: usize,
    pub out_of_order: usize,
}

/// Asks the rule for each unit.
pub fn count(plans: &[UnitPlan], period: Period, rules: &Rules) -> FreeUnits {
    let mut units = FreeUnits::default();
    for plan in plans {
        let counted = match rules.obstacle(plan, period) {
            None => &mut units.free,
            Some(Obstacle::Lent) => &mut units.lent,
            Some(Obstacle::Promised) => &mut units.promised,
            Some(Obstacle::Held) => &mut units.held,
            Some(Obstacle::Overdue) => &mut units.overdue,
            Some(Obstacle::Buffer) => &mut units.buffer,
            Some(Obstacle::OutOfOrder) => &mut units.out_of_order,
        };
        *counted += 1;
    }
    units
}
