//! Adopting: our record follows what people did in Snipe-IT itself. Nothing is sent. And its opposite: our effect anew.

use super::{
    Dossier, LoanStatus,
    give_back::withdraw_check_out,
    settle::{returned, went_out},
    submit::check_out,
    watch::begin_watch,
};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Recipient},
    equipment::{Collection, Unit},
    id::{LoanId, UserId},
    inventory::SnipeitAssetId,
    job::NewJob,
    notification::NotificationEvent,
    operation::Tenure,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Something that somebody did in Snipe-IT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// Real time, by Snipe-IT's own date where it tells one.
    pub at: DateTime<Utc>,
    /// Real time, to tell how long ago that was: loans go by the lab's clock.
    pub now: DateTime<Utc>,
    /// For history.
    pub why: String,
}

impl ByHand {
    fn at_the_lab(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - (self.now - self.at).max(TimeDelta::zero())
    }

    fn cause(self, event: &'static str) -> Cause {
        Cause::new(Actor::Snipeit, event).because(self.why)
    }
}

impl Dossier {
    /// The loan is over since then, and its borrower is told. What is not out stays as it is.
    pub fn adopt_return_by_hand(self, id: LoanId, by_hand: ByHand) -> Change {
        let returned_at = by_hand.at_the_lab(self.now);
        if !self.find_loan(id).is_some_and(|loan| loan.status.is_out()) {
            return Change::default();
        }
        let mut transition = self.begin();
        returned(&mut transition, id);
        let loan = transition.loan_mut(id);
        let out_at = loan.replaced_at.or(loan.handed_over_at).or(loan.checked_out_at);
        loan.returned_at = Some(out_at.map_or(returned_at, |out_at| returned_at.max(out_at)));
        transition.finish(&by_hand.cause("return_adopted"))
    }

    /// The borrower has the unit by this check-out and by no other of ours; what waited to be sent is not wanted any more.
    pub fn adopt_check_out_by_hand(self, id: LoanId, tenure: Tenure, by_hand: ByHand) -> Change {
        let checked_out_at = by_hand.at_the_lab(self.now);
        let mut transition = self.begin();
        withdraw_check_out(&mut transition, id, by_hand.now);
        let loan = transition.loan_mut(id);
        let was = loan.status;
        loan.snipeit_user_id = Some(tenure.user);
        loan.fingerprint = Some(tenure.last_checkout);
        if was == LoanStatus::CheckedOut {
            return transition.finish(&by_hand.cause("check_out_adopted"));
        }
        loan.status = LoanStatus::CheckedOut;
        loan.checked_out_at = Some(checked_out_at);
        transition.change.jobs.push(NewJob::set_expected_checkin(id));
        went_out(&mut transition, id, was);
        transition.finish(&by_hand.cause("check_out_adopted"))
    }

    /// A new plan, as after an extension: people are told, and reminders begin anew.
    pub fn adopt_due_date(self, id: LoanId, due_at: DateTime<Utc>) -> Change {
        let mut transition = self.begin();
        let loan = transition.loan_mut(id);
        loan.period.due_at = due_at;
        let borrower = loan.borrower_id;
        begin_watch(&mut transition, id);
        transition.notify(NotificationEvent::DueDateChanged, Recipient::User(borrower), id.0, None);
        transition.finish(&Cause::new(Actor::Snipeit, "due_date_adopted"))
    }

    /// The borrower still has the unit, though Snipe-IT does not show it: handed over as at the counter, and checked out
    /// anew. A refusal is told as that of any other hand-over.
    pub fn reapply_check_out(self, id: LoanId, asset: SnipeitAssetId, by: UserId, cause: &Cause) -> Change {
        let now = self.now;
        let mut transition = self.begin();
        let loan = transition.loan_mut(id);
        loan.status = LoanStatus::HandedOver;
        loan.handed_over_at = loan.handed_over_at.or(Some(now));
        loan.handed_over_by = loan.handed_over_by.or(Some(by));
        loan.snipeit_user_id = None;
        loan.fingerprint = None;
        let unit = Unit { id: loan.equipment_id, snipeit_asset_id: asset, collection: Collection::Counter };
        let operation = check_out(&loan.clone(), unit, false, 1, Some(by));
        transition.change.jobs.push(NewJob::run_at_desk(operation.id));
        transition.after.operations.push(operation);
        transition.finish(cause)
    }
}
