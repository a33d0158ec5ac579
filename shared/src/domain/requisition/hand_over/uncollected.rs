//! What nobody collects is given up after some days, so that it is free for others.

use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::LoanId,
    notification::NotificationEvent,
    requisition::{Dossier, LoanStatus, waits_at_counter},
};
use chrono::{DateTime, Duration, Utc};

/// How often the number of days is looked at again: it may have been changed meanwhile, or the unit may have come.
const LOOK_AGAIN: Duration = Duration::days(1);

/// What becomes of a loan that waits at the counter.
#[derive(Debug, Clone, PartialEq)]
pub enum Uncollected {
    /// Collected, cancelled, or not waiting at the counter.
    NotWaiting,
    /// Ask again then, by the lab's clock.
    Wait {
        until: DateTime<Utc>,
    },
    Released(Box<Change>),
}

/// Since when the unit of a loan could be collected, but for the loan's own start; `None`: it is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitThere {
    pub loan: LoanId,
    pub since: Option<DateTime<Utc>>,
}

impl Dossier {
    /// Releases a loan that has waited at the counter for so many days since its period began, or since its unit was there
    /// if that was later; at the latest when its period is over. Whatever else of the requisition has waited as long goes
    /// with it, so that the requester gets one letter: that they have not collected it, or that the lab had no unit.
    pub fn release_uncollected(self, loan: LoanId, there: &[UnitThere], after_days: i32) -> Uncollected {
        let Some(until) = self.kept_until(loan, there, after_days) else { return Uncollected::NotWaiting };
        if self.now < until {
            return Uncollected::Wait { until: until.min(self.now + LOOK_AGAIN) };
        }
        let is_missing = |id: LoanId| there.iter().any(|one| one.loan == id && one.since.is_none());
        let is_over = |id: LoanId| self.kept_until(id, there, after_days).is_some_and(|until| until <= self.now);
        let goes = |id: &LoanId| is_over(*id) && is_missing(*id) == is_missing(loan);
        let over: Vec<LoanId> = self.loans.iter().map(|loan| loan.id).filter(goes).collect();
        let (event, cause) = match is_missing(loan) {
            true => (
                NotificationEvent::NoUnit,
                Cause::new(Actor::System, "no_unit").because("the lab had no unit that could be collected"),
            ),
            false => (NotificationEvent::NotCollected, Cause::new(Actor::System, "not_collected")),
        };
        let mut transition = self.begin();
        for loan in over {
            transition.loan_mut(loan).status = LoanStatus::Released;
        }
        transition.notify_requester(event, None);
        Uncollected::Released(Box::new(transition.finish(&cause)))
    }

    /// `None`: it does not wait at the counter. No day runs while there is nothing to collect.
    fn kept_until(&self, loan: LoanId, there: &[UnitThere], after_days: i32) -> Option<DateTime<Utc>> {
        let loan = self.find_loan(loan).filter(|loan| waits_at_counter(loan, &self.operations))?;
        let known = there.iter().find(|there| there.loan == loan.id);
        let since = known.map_or(Some(loan.period.starts_at), |there| there.since);
        let Some(since) = since else { return Some(loan.period.due_at) };
        let since = since.max(loan.period.starts_at);
        Some((since + Duration::days(after_days.into())).min(loan.period.due_at))
    }
}
