//! A wish for more time that nobody has answered is reminded of once, after the lab's number of hours.

use super::{Dossier, Extension, ExtensionRefused, ExtensionStatus};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity, Recipient, Write},
    id::UserId,
    job::NewJob,
    notification::NotificationEvent,
    requisition::{Approvers, Reminded, remind::LOOK_AGAIN},
};
use chrono::TimeDelta;

pub(super) fn look_after(wish: &Extension) -> NewJob {
    NewJob::remind_of_wish(wish.id, wish.asked_at + LOOK_AGAIN)
}

impl Dossier {
    /// Reminds everybody who may decide the wish, once it has waited for so many hours; not while its unit is being brought
    /// back, which may come to nothing.
    pub fn remind_of_wish(self, wish: &Extension, approvers: &Approvers, after_hours: i32) -> Reminded {
        if wish.status != ExtensionStatus::Asked {
            return Reminded::NotWaiting;
        }
        if wish.reminded_at.is_some() {
            return Reminded::Already;
        }
        let due = wish.asked_at + TimeDelta::hours(after_hours.into());
        match self.extensible(wish.loan_id) {
            Ok(_) if due <= self.now => {
                let may_decide = self.may_decide_wish(wish, approvers);
                Reminded::Now { change: Box::new(self.remind_deciders(wish, &may_decide)), then: None }
            }
            Ok(_) => Reminded::Wait { until: due.min(self.now + LOOK_AGAIN) },
            Err(ExtensionRefused::ReturnUnderWay) if self.may_stay_out(wish) => {
                Reminded::Wait { until: self.now + LOOK_AGAIN }
            }
            Err(_) => Reminded::NotWaiting,
        }
    }

    fn may_stay_out(&self, wish: &Extension) -> bool {
        self.find_loan(wish.loan_id).is_some_and(|loan| loan.is_with_borrower())
    }

    fn may_decide_wish(&self, wish: &Extension, approvers: &Approvers) -> Vec<UserId> {
        let may =
            |person: &UserId| *person != wish.asked_by && !self.is_of(*person) && !approvers.insiders.contains(person);
        approvers.staff.iter().copied().filter(may).collect()
    }

    fn remind_deciders(self, wish: &Extension, deciders: &[UserId]) -> Change {
        let mut transition = self.begin();
        let (now, loan) = (transition.after.now, wish.loan_id);
        for person in deciders {
            let to = Recipient::User(*person);
            transition.notify(NotificationEvent::ExtensionReminder, to, loan.0, wish.for_deciders());
        }
        transition.change.writes.push(Write::UpdateExtension(Extension { reminded_at: Some(now), ..wish.clone() }));
        let cause = Cause::new(Actor::System, "deciders_reminded");
        let status = transition.loan_mut(loan).status.as_str();
        transition.record(Entity::Loan, loan.0, Some(status), status, &cause);
        transition.finish(&cause)
    }
}
