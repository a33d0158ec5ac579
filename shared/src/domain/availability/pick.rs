//! Which free unit to promise: the one whose gap fits best, so that long gaps stay long for whoever needs one.

use super::{Rules, UnitPlan};
use crate::domain::{
    equipment::Unit,
    id::EquipmentId,
    requisition::{LONGEST_LOAN, Period},
};
use chrono::TimeDelta;

/// What is wanted of a model's units.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    pub period: Period,
    /// At most so many.
    pub quantity: usize,
    /// Not these.
    pub excluding: &'a [EquipmentId],
    /// No other than this one.
    pub only: Option<EquipmentId>,
}

/// The free units that are kept for whoever asks, then those in whose plan the period leaves the least time unused; among equals in the order of `plans`. Fewer than
/// wanted if there are no more.
pub fn pick(plans: &[UnitPlan], wish: &Wish<'_>, rules: &Rules) -> Vec<Unit> {
    let mut free: Vec<&UnitPlan> = plans
        .iter()
        .filter(|plan| wish.only.is_none_or(|only| plan.unit.id == only) && !wish.excluding.contains(&plan.unit.id))
        .filter(|plan| rules.obstacle(plan, wish.period).is_none())
        .collect();
    free.sort_by_key(|plan| (!plan.is_kept_for_asker, gap(plan, wish.period, rules)));
    free.into_iter().take(wish.quantity).map(|plan| plan.unit).collect()
}

/// How long the unit is free around a period for which it is free. Beyond what may be promised at all it does not count.
fn gap(plan: &UnitPlan, period: Period, rules: &Rules) -> TimeDelta {
    let planned = rules.occupations(plan).map(|occupation| occupation.period);
    let before = planned.clone().filter(|planned| planned.due_at <= period.starts_at).map(|planned| planned.due_at);
    let since = before.chain(plan.last_return).max().map_or(rules.now, |end| (end + rules.buffer).max(rules.now));
    let after = planned.filter(|planned| planned.starts_at >= period.due_at).map(|planned| planned.starts_at);
    let until = after.min().map_or(rules.now + LONGEST_LOAN * 2, |start| start - rules.buffer);
    until - since
}
