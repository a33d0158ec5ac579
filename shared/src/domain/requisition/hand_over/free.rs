//! Whether a unit may be given out, by the same rule as everywhere: what is free is free at the counter as well.

use super::{UnitAtCounter, UnitRefused};
use crate::domain::{
    availability::{Obstacle, OccupationKind, Rules, UnitPlan},
    requisition::Period,
};
use chrono::{DateTime, Utc};

/// `is_kept`: for this very loan, so that the rule was asked for its period when it was promised. `period`: the loan's.
///
/// # Errors
/// Why not, in words for whoever holds it in their hands.
pub(super) fn check_unit(
    at_counter: &UnitAtCounter,
    is_kept: bool,
    period: Period,
    rules: &Rules,
) -> Result<(), UnitRefused> {
    if let Some(requisition) = at_counter.out_on.clone() {
        return Err(UnitRefused::OutOnAnother { requisition });
    }
    if let Some(requisition) = at_counter.in_doubt_on.clone() {
        return Err(UnitRefused::InDoubt { requisition });
    }
    let plan = at_counter.plan.as_ref().ok_or(UnitRefused::NotListed)?;
    if plan.is_held {
        return Err(UnitRefused::Held);
    }
    if !plan.is_in_order {
        return Err(UnitRefused::NotLendable);
    }
    if is_kept {
        return check_early(at_counter, plan, period, rules);
    }
    // The plan is the whole period, though it may have begun; the schema lets two of them overlap at no time.
    let planned = Period { starts_at: period.starts_at.min(rules.now), ..period };
    if let Some(kept) = at_counter.kept_for.iter().find(|kept| kept.period.overlaps(planned)) {
        return Err(UnitRefused::KeptForAnother { requisition: kept.requisition.clone() });
    }
    match rules.obstacle(plan, Period { starts_at: rules.now, ..period }) {
        None => Ok(()),
        Some(Obstacle::OutOfOrder) => Err(UnitRefused::NotLendable),
        Some(Obstacle::Overdue | Obstacle::Lent) => Err(UnitRefused::Held),
        Some(Obstacle::Promised) => Err(UnitRefused::ForAnotherLoan),
        Some(Obstacle::Held) => Err(UnitRefused::KeptForWaiting),
        Some(Obstacle::Buffer) => Err(between_two_loans(plan, rules)),
    }
}

/// What is kept for the loan may still be somebody else's until it begins.
fn check_early(at_counter: &UnitAtCounter, plan: &UnitPlan, loan: Period, rules: &Rules) -> Result<(), UnitRefused> {
    let early = Period { starts_at: rules.now, due_at: loan.starts_at };
    if early.due_at <= early.starts_at {
        return Ok(());
    }
    let begins = loan.starts_at;
    if let Some(kept) = at_counter.kept_for.iter().find(|kept| kept.period.overlaps(early)) {
        return Err(UnitRefused::PromisedBefore { requisition: kept.requisition.clone(), period: kept.period, begins });
    }
    let mut held = plan.occupations.iter().filter(|occupation| occupation.kind == OccupationKind::Held);
    if let Some(held) = held.find(|held| held.period.overlaps(early)) {
        return Err(UnitRefused::HeldBefore { period: held.period, begins });
    }
    match rested_at(plan, rules) {
        Some(until) => Err(UnitRefused::Resting { until: until.min(begins) }),
        None => Ok(()),
    }
}

fn between_two_loans(plan: &UnitPlan, rules: &Rules) -> UnitRefused {
    rested_at(plan, rules).map_or(UnitRefused::NeededSoon, |until| UnitRefused::Resting { until })
}

/// `None`: it has rested since it came back.
fn rested_at(plan: &UnitPlan, rules: &Rules) -> Option<DateTime<Utc>> {
    plan.last_return.map(|returned_at| returned_at + rules.buffer).filter(|until| *until > rules.now)
}
