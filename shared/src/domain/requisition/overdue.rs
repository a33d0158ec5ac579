//! Whoever keeps what is long overdue does not borrow more.

use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity, Write, entry},
    id::UserId,
    project::UnitOut,
};
use chrono::{DateTime, TimeDelta, Utc};

/// What somebody has that they should have brought back, and the lab's patience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueStanding {
    /// Those past their due date whose return nobody has asked for.
    pub units: Vec<UnitOut>,
    /// Days after the due date from which a unit counts; `None`: it never does.
    pub block_after_days: Option<i32>,
    /// Until when a technician lets it pass.
    pub excused_until: Option<DateTime<Utc>>,
}

/// Lists what has to come back first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "bring back first what is long overdue: {}; if you cannot, speak to the technicians of the lab",
    tags(.0)
)]
pub struct OverdueLoans(pub Vec<UnitOut>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExcuseRefused {
    #[error("is in the past; choose a later time")]
    InThePast,
    #[error("is more than 366 days ahead; choose an earlier time")]
    TooFarAhead,
}

impl OverdueStanding {
    /// # Errors
    /// The units that keep somebody from asking for more.
    pub fn check(self, now: DateTime<Utc>) -> Result<(), OverdueLoans> {
        let Some(days) = self.block_after_days else { return Ok(()) };
        if self.excused_until.is_some_and(|until| now < until) {
            return Ok(());
        }
        let is_long = |unit: &UnitOut| unit.due_at + TimeDelta::days(days.into()) < now;
        let long: Vec<_> = self.units.into_iter().filter(is_long).collect();
        if long.is_empty() { Ok(()) } else { Err(OverdueLoans(long)) }
    }
}

/// A technician lets somebody ask for more until then, whatever they have. In place of what was said before.
///
/// # Errors
/// If the time makes no sense.
pub fn excuse_overdue(
    person: UserId,
    until: DateTime<Utc>,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Change, ExcuseRefused> {
    if until <= now {
        return Err(ExcuseRefused::InThePast);
    }
    if until - now > TimeDelta::days(366) {
        return Err(ExcuseRefused::TooFarAhead);
    }
    let cause = Cause::new(Actor::User(by), "overdue_excused").because(format!("until {}", until.to_rfc3339()));
    let mut change = Change::default();
    change.history.push(entry(Entity::User, person.0, None, "excused", &cause));
    change.writes.push(Write::ExcuseOverdue(person, until));
    Ok(change)
}

fn tags(units: &[UnitOut]) -> String {
    units.iter().map(|unit| unit.tag.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{id::LoanId, person::PersonName};

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn standing(block_after_days: Option<i32>, excused_until: Option<&str>) -> OverdueStanding {
        let unit = |tag: &str, due: &str| UnitOut {
            loan_id: LoanId::generate(),
            tag: tag.to_owned(),
            model_name: "Oscilloscope".to_owned(),
            borrower_id: UserId::generate(),
            borrower: PersonName::from_stored("Ana Silva".to_owned()),
            due_at: moment(due),
        };
        let units = vec![unit("ML-1", "2026-01-01T12:00:00Z"), unit("ML-2", "2026-01-05T12:00:00Z")];
        OverdueStanding { units, block_after_days, excused_until: excused_until.map(moment) }
    }

    fn blocked_by(standing: OverdueStanding, now: &str) -> Vec<String> {
        let units = standing.check(moment(now)).err().map(|OverdueLoans(units)| units).unwrap_or_default();
        units.into_iter().map(|unit| unit.tag).collect()
    }

    #[test]
    fn a_unit_counts_from_the_moment_on_in_which_the_labs_patience_is_over() {
        assert_eq!(blocked_by(standing(Some(7), None), "2026-01-08T12:00:00Z"), [""; 0]);
        assert_eq!(blocked_by(standing(Some(7), None), "2026-01-08T12:00:01Z"), ["ML-1"]);
        assert_eq!(blocked_by(standing(Some(0), None), "2026-01-08T12:00:01Z"), ["ML-1", "ML-2"]);
    }

    #[test]
    fn a_lab_without_that_rule_blocks_nobody_and_an_excuse_holds_until_its_time() {
        assert_eq!(blocked_by(standing(None, None), "2026-12-01T12:00:00Z"), [""; 0]);
        let excused = || standing(Some(7), Some("2026-02-01T12:00:00Z"));
        assert_eq!(blocked_by(excused(), "2026-02-01T11:59:59Z"), [""; 0]);
        assert_eq!(blocked_by(excused(), "2026-02-01T12:00:00Z"), ["ML-1", "ML-2"]);
    }

    #[test]
    fn what_the_borrower_hears_names_the_units() {
        let refused = standing(Some(0), None).check(moment("2026-01-08T12:00:00Z")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "bring back first what is long overdue: ML-1, ML-2; if you cannot, speak to the technicians of the lab"
        );
    }
}
