//! Measuring: what counts against which quota, and what a requisition would go over.

use super::{Quota, QuotaMeasure, QuotaScope};
use crate::domain::{
    id::{ProjectId, QuotaId},
    money::Cents,
    requisition::Period,
};
use chrono::Duration;

/// A quota and how much of it is used, in its own measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub quota: Quota,
    /// Promised, out, or waiting for a decision.
    pub used: i64,
}

/// What one line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub category: Option<String>,
    pub quantity: i32,
    /// What a unit costs; `None`: nobody knows.
    pub unit_cost: Option<Cents>,
}

/// A quota that a requisition would go over, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    pub quota_id: QuotaId,
    /// Which one, in words.
    pub described: String,
    pub most: i64,
    pub used: i64,
    pub asked: i64,
}

impl Standing {
    /// How much may still be asked for without an exception; 0 if it is used up.
    pub fn left(&self) -> i64 {
        (self.quota.most - self.used).max(0)
    }
}

impl std::fmt::Display for Exceeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} of {} used, {} asked for", self.described, self.used, self.most, self.asked)
    }
}

/// The quotas that hold for a project and for whoever asks in it: a project's own in place of the one for all projects.
pub fn in_force(quotas: Vec<Quota>, project: ProjectId) -> Vec<Quota> {
    let own: Vec<_> = quotas.iter().filter(|quota| quota.project_id == Some(project)).cloned().collect();
    let is_replaced = |quota: &Quota| {
        own.iter().any(|own| own.measure == quota.measure && same_category(own, quota))
            && quota.scope == QuotaScope::Project
            && quota.project_id.is_none()
    };
    let holds = |quota: &Quota| {
        quota.removed_at.is_none() && quota.project_id.is_none_or(|own| own == project) && !is_replaced(quota)
    };
    quotas.into_iter().filter(holds).collect()
}

fn same_category(a: &Quota, b: &Quota) -> bool {
    match (&a.category, &b.category) {
        (None, None) => true,
        (Some(a), Some(b)) => a.to_lowercase() == b.to_lowercase(),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// What would be gone over if all of this were granted.
pub fn exceeded(standings: &[Standing], needs: &[Need], period: Period) -> Vec<Exceeded> {
    let over = standings.iter().filter_map(|Standing { quota, used }| {
        let asked = asked(quota, needs, period);
        (asked > 0 && used.saturating_add(asked) > quota.most).then(|| Exceeded {
            quota_id: quota.id,
            described: quota.described(),
            most: quota.most,
            used: *used,
            asked,
        })
    });
    over.collect()
}

fn asked(quota: &Quota, needs: &[Need], period: Period) -> i64 {
    let counted = needs.iter().filter(|need| quota.is_of_category(need.category.as_deref()));
    let each = |need: &Need| match quota.measure {
        QuotaMeasure::UnitsOut => 1,
        QuotaMeasure::LoanDays => begun_days(period),
        QuotaMeasure::ValueOut => need.unit_cost.map_or(0, Cents::get),
    };
    counted.fold(0, |sum, need| i64::from(need.quantity).saturating_mul(each(need)).saturating_add(sum))
}

/// Days of 24 hours; one that has begun counts as one.
fn begun_days(period: Period) -> i64 {
    let length = period.due_at - period.starts_at;
    let whole = length.num_days();
    if length > Duration::days(whole) { whole + 1 } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(scope: QuotaScope, category: Option<&str>, measure: QuotaMeasure, most: i64) -> Quota {
        Quota {
            id: QuotaId::generate(),
            scope,
            project_id: None,
            category: category.map(str::to_owned),
            measure,
            most,
            removed_at: None,
            version: 1,
        }
    }

    fn need(category: &str, quantity: i32) -> Need {
        Need { category: Some(category.to_owned()), quantity, unit_cost: Cents::parse("100.00") }
    }

    fn period(hours: i64) -> Period {
        let starts_at = "2026-11-23T10:00:00Z".parse().unwrap();
        Period { starts_at, due_at: starts_at + Duration::hours(hours) }
    }

    #[test]
    fn what_is_asked_for_counts_on_top_of_what_is_used_and_only_in_its_category() {
        let standing =
            Standing { quota: quota(QuotaScope::Person, Some("Boards"), QuotaMeasure::UnitsOut, 5), used: 3 };
        let over = |quantity| exceeded(std::slice::from_ref(&standing), &[need("boards", quantity)], period(24));
        assert_eq!(over(2), []);
        assert_eq!(over(3)[0].to_string(), "units_out of a person, category Boards: 3 of 5 used, 3 asked for");
        assert_eq!(exceeded(std::slice::from_ref(&standing), &[need("Scopes", 50)], period(24)), []);
        assert_eq!((standing.left(), Standing { used: 9, ..standing }.left()), (2, 0));
    }

    #[test]
    fn whoever_is_over_already_may_still_ask_for_what_the_quota_does_not_count() {
        let standing =
            Standing { quota: quota(QuotaScope::Person, Some("Boards"), QuotaMeasure::UnitsOut, 1), used: 4 };
        assert_eq!(exceeded(std::slice::from_ref(&standing), &[need("Scopes", 1)], period(24)), []);
        let without_category = Need { category: None, quantity: 1, unit_cost: None };
        assert_eq!(exceeded(&[standing], &[without_category], period(24)), []);
    }

    #[test]
    fn loan_days_are_units_times_days_that_have_begun() {
        let standing = Standing { quota: quota(QuotaScope::Project, None, QuotaMeasure::LoanDays, 10), used: 4 };
        let over = |quantity, hours| exceeded(std::slice::from_ref(&standing), &[need("x", quantity)], period(hours));
        assert_eq!(over(2, 72), []);
        assert_eq!(over(2, 73)[0].asked, 8);
    }

    #[test]
    fn value_counts_in_cents_and_what_has_no_price_counts_nothing() {
        let standing = Standing { quota: quota(QuotaScope::Person, None, QuotaMeasure::ValueOut, 25_000), used: 5_000 };
        let over = |need: Need| exceeded(std::slice::from_ref(&standing), &[need], period(24));
        assert_eq!(over(need("x", 2)), []);
        assert_eq!(over(need("x", 3))[0].asked, 30_000);
        assert_eq!(over(Need { unit_cost: None, ..need("x", 50) }), []);
    }

    #[test]
    fn a_projects_own_quota_stands_in_place_of_the_one_for_all_projects() {
        let (here, elsewhere) = (ProjectId::generate(), ProjectId::generate());
        let general = quota(QuotaScope::Project, None, QuotaMeasure::UnitsOut, 5);
        let own = Quota { id: QuotaId::generate(), project_id: Some(here), most: 50, ..general.clone() };
        let person = quota(QuotaScope::Person, None, QuotaMeasure::UnitsOut, 2);
        let boards = quota(QuotaScope::Project, Some("Boards"), QuotaMeasure::UnitsOut, 1);
        let all = vec![general.clone(), own.clone(), person.clone(), boards.clone()];

        assert_eq!(in_force(all.clone(), here), [own.clone(), person.clone(), boards.clone()]);
        assert_eq!(in_force(all, elsewhere), [general.clone(), person, boards]);
        let removed = Quota { removed_at: Some("2026-11-23T10:00:00Z".parse().unwrap()), ..general };
        assert_eq!(in_force(vec![removed], elsewhere), []);
    }
}
