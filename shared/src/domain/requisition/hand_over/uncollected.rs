//! What nobody collects is given up after some days, so that it is free for others.

use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::LoanId,
    notification::NotificationEvent,
    requisition::{Dossier, LoanStatus, waits_at_counter},
};
use chrono::{DateTime, Duration, Utc};

/// How often the number of days is looked at again: it may have been changed meanwhile.
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

/// When a loan was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromisedAt {
    pub loan: LoanId,
    pub at: DateTime<Utc>,
}

impl Dossier {
    /// Releases a loan that has waited at the counter for so many days since its period began, or since it was promised
    /// if that was later; at the latest when its period is over. Whatever else of the requisition has waited as long goes
    /// with it, so that the requester gets one letter.
    pub fn release_uncollected(self, loan: LoanId, promised: &[PromisedAt], after_days: i32) -> Uncollected {
        let Some(until) = self.kept_until(loan, promised, after_days) else { return Uncollected::NotWaiting };
        if self.now < until {
            return Uncollected::Wait { until: until.min(self.now + LOOK_AGAIN) };
        }
        let is_over = |id: LoanId| self.kept_until(id, promised, after_days).is_some_and(|until| until <= self.now);
        let over: Vec<LoanId> = self.loans.iter().map(|loan| loan.id).filter(|id| is_over(*id)).collect();
        let mut transition = self.begin();
        for loan in over {
            transition.loan_mut(loan).status = LoanStatus::Released;
        }
        transition.notify_requester(NotificationEvent::NotCollected, None);
        Uncollected::Released(Box::new(transition.finish(&Cause::new(Actor::System, "not_collected"))))
    }

    /// `None`: it does not wait at the counter.
    fn kept_until(&self, loan: LoanId, promised: &[PromisedAt], after_days: i32) -> Option<DateTime<Utc>> {
        let loan = self.find_loan(loan).filter(|loan| waits_at_counter(loan, &self.operations))?;
        let promised = promised.iter().find(|promised| promised.loan == loan.id).map(|promised| promised.at);
        let since = promised.map_or(loan.period.starts_at, |at| at.max(loan.period.starts_at));
        Some((since + Duration::days(after_days.into())).min(loan.period.due_at))
    }
}
