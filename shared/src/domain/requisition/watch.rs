//! Watching a unit that is out: telling people that it is due, and that it is overdue.

use super::{Dossier, Transition};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Recipient},
    id::{LoanId, UserId},
    job::NewJob,
    loan_watch::{Next, Pace, QUIET_UNTIL, Step, Watch},
    notification::NotificationEvent,
};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a watch waits for a return that is under way; nobody is told to bring what they have brought.
const WHILE_UNDER_WAY: TimeDelta = TimeDelta::hours(12);

/// What one look at a loan comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Watched {
    /// It is not out any more.
    NotOut,
    Wait {
        until: DateTime<Utc>,
    },
    /// `then`: when to look again.
    Tell {
        change: Change,
        then: Option<DateTime<Utc>>,
    },
    /// Everything has been told.
    Over,
}

impl Dossier {
    /// `None`: there is no such loan. `supervisors` of its project hear of what is overdue for long.
    pub fn watch_return(self, id: LoanId, pace: Pace, supervisors: &[UserId]) -> Option<Watched> {
        let loan = self.find_loan(id)?;
        if !loan.is_with_borrower() {
            return Some(Watched::NotOut);
        }
        if self.is_coming_back(loan) {
            return Some(Watched::Wait { until: self.now + WHILE_UNDER_WAY });
        }
        Some(match loan.watch.next(loan.period.due_at, self.now, pace) {
            Next::Tell { step, then } => Watched::Tell { change: self.tell_of_due(id, step, supervisors), then },
            Next::Wait { until } => Watched::Wait { until },
            Next::Over => Watched::Over,
        })
    }

    fn tell_of_due(self, id: LoanId, step: Step, supervisors: &[UserId]) -> Change {
        let mut transition = self.begin();
        let loan = transition.loan_mut(id);
        loan.watch.told = Some(step);
        let borrower = loan.borrower_id;
        let event = if step.is_reminder() { NotificationEvent::ReturnDue } else { NotificationEvent::Overdue };
        transition.notify(event, Recipient::User(borrower), id.0, None);
        if step.is_escalated() {
            let supervisors = supervisors.iter().filter(|supervisor| **supervisor != borrower);
            for to in supervisors.map(|id| Recipient::User(*id)).chain([Recipient::Technicians]) {
                transition.notify(NotificationEvent::OverdueEscalated, to, id.0, None);
            }
        }
        let cause = match step.days() {
            days @ ..0 => Cause::new(Actor::System, "reminded").because(format!("{} before", days_in_words(-days))),
            0 => Cause::new(Actor::System, "reminded").because("on the day"),
            days => Cause::new(Actor::System, "told_overdue").because(format!("{} after", days_in_words(days))),
        };
        transition.finish(&cause)
    }
}

/// From now on somebody has it, and hears when it is due.
pub(super) fn begin_watch(transition: &mut Transition, loan: LoanId) {
    let now = transition.after.now;
    transition.loan_mut(loan).watch = Watch::begin(now);
    look_after(transition, loan);
}

/// The watch looks when the first step can be due, by the date that counts now; one that was to look later looks then.
pub(super) fn look_after(transition: &mut Transition, loan: LoanId) {
    let loan = transition.loan_mut(loan);
    let watch = NewJob::watch_return(loan.id, loan.period.due_at - QUIET_UNTIL);
    transition.change.jobs.push(watch);
}

fn days_in_words(days: i16) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
