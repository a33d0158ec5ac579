//! Measuring: what counts against which quota, and what a requisition would go over.

use super::{Quota, QuotaMeasure, QuotaScope, QuotaSubject};
use crate::domain::{
    id::{ProjectId, QuotaId},
    lab_day::CLOCK_CHANGE,
    money::Cents,
    requisition::Period,
};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exceeded {
    pub quota_id: QuotaId,
    pub subject: QuotaSubject,
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

impl Exceeded {
    /// The most, what is used and what is asked for; what they count in words of `money` where it is that.
    pub fn numbers(&self, money: fn(Cents) -> String) -> [String; 3] {
        [self.most, self.used, self.asked].map(|number| match self.subject.measure {
            QuotaMeasure::UnitsOut | QuotaMeasure::LoanDays => number.to_string(),
            QuotaMeasure::ValueOut => money(Cents::from_stored(number)),
        })
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
    over(standings, |quota| asked(quota, needs, period))
}

/// What would be gone over if a loan of one unit went on until `due_at`: it is counted already, and only its days grow.
pub fn exceeded_by_going_on(
    standings: &[Standing],
    category: Option<&str>,
    loan: Period,
    due_at: DateTime<Utc>,
) -> Vec<Exceeded> {
    over(standings, |quota| match quota.measure {
        QuotaMeasure::LoanDays if quota.is_of_category(category) => {
            begun_days(Period { due_at, ..loan }) - begun_days(loan)
        }
        QuotaMeasure::LoanDays | QuotaMeasure::UnitsOut | QuotaMeasure::ValueOut => 0,
    })
}

fn over(standings: &[Standing], asked: impl Fn(&Quota) -> i64) -> Vec<Exceeded> {
    let over = standings.iter().filter_map(|Standing { quota, used }| {
        let asked = asked(quota);
        (asked > 0 && used.saturating_add(asked) > quota.most).then(|| Exceeded {
            quota_id: quota.id,
            subject: quota.subject(),
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

/// Days of 24 hours; one that has begun counts as one, but not by the hour by which the clock may have been put back.
/// `begun_days` of the schema counts in the same way.
fn begun_days(period: Period) -> i64 {
    let length = period.due_at - period.starts_at;
    let whole = length.num_days();
    let has_begun_another = length > Duration::days(whole) + CLOCK_CHANGE;
    if has_begun_another || (whole == 0 && length > Duration::zero()) { whole + 1 } else { whole }
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
        let told = over(3).remove(0);
        assert_eq!((told.subject, told.most, told.used, told.asked), (standing.quota.subject(), 5, 3, 3));
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
        assert_eq!(over(2, 73), [], "three days of the lab, where the clock is put back");
        assert_eq!(over(2, 74)[0].asked, 8);
        assert_eq!((over(7, 1)[0].asked, over(7, 24)[0].asked, over(7, 25)[0].asked), (7, 7, 7));
    }

    #[test]
    fn a_loan_that_goes_on_asks_for_the_days_that_it_had_not_begun() {
        let days = Standing { quota: quota(QuotaScope::Person, Some("Boards"), QuotaMeasure::LoanDays, 10), used: 8 };
        let units = Standing { quota: quota(QuotaScope::Person, None, QuotaMeasure::UnitsOut, 1), used: 1 };
        let standings = [days, units];
        let until = |hours| exceeded_by_going_on(&standings, Some("boards"), period(36), period(hours).due_at);

        assert_eq!(until(48), [], "within the day that has begun");
        assert_eq!(until(4 * 24), []);
        let [over] = &until(4 * 24 + 2)[..] else { panic!("one quota") };
        assert_eq!((over.used, over.asked), (8, 3));
        assert_eq!(exceeded_by_going_on(&standings, Some("Scopes"), period(36), period(900).due_at), []);
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
