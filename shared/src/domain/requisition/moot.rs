//! What need not be told any more: whatever has not left yet when it is over, stays here.

use super::{Dossier, Loan, LoanStatus, Transition, extension::ASKING};
use crate::domain::{approval::Stage, change::Write, id::LoanId, notice::Moot, notification::NotificationEvent};

impl Transition {
    pub(super) fn mark_moot(&mut self, events: &'static [NotificationEvent]) {
        let subject_id = self.after.requisition.id.0;
        self.change.writes.push(Write::MarkMoot(Moot { subject_id, events }));
    }

    pub(super) fn mark_moot_of(&mut self, loan: LoanId, events: &'static [NotificationEvent]) {
        self.change.writes.push(Write::MarkMoot(Moot { subject_id: loan.0, events }));
    }

    pub(super) fn make_moot(&mut self) {
        let Some(before) = self.before.clone() else { return };
        self.make_decisions_moot(&before);
        for was in &before.loans {
            let Some(loan) = self.after.find_loan(was.id).cloned() else { continue };
            self.make_reminders_moot(&before, was, &loan);
            self.make_promise_moot(was, &loan);
            self.make_return_moot(&before, &loan);
        }
    }

    /// Whoever hears of it after they have decided, or somebody else has, need not be asked for it.
    fn make_decisions_moot(&mut self, before: &Dossier) {
        let waits = |dossier: &Dossier| dossier.undecided_lines().next().is_some();
        let (was_asked, is_asked) = (before.requisition.waiting_for, self.after.requisition.waiting_for);
        if waits(before) && !waits(&self.after) {
            self.mark_moot(&[NotificationEvent::ApprovalNeeded]);
        }
        if was_asked.is_some() && was_asked != is_asked {
            if was_asked == Some(Stage::Supervisor) {
                self.mark_moot(&[NotificationEvent::EndorsementNeeded]);
            }
            self.mark_moot(&[NotificationEvent::ApprovalReminder]);
        }
    }

    /// Nobody is told to bring what they have brought, nor by a date that does not count any more.
    fn make_reminders_moot(&mut self, before: &Dossier, was: &Loan, loan: &Loan) {
        if !was.is_with_borrower() {
            return;
        }
        let is_brought_now = self.after.is_coming_back(loan) && !before.is_coming_back(was);
        let is_wanted_no_more = is_brought_now || !loan.is_with_borrower();
        if is_wanted_no_more {
            self.mark_moot_of(was.id, &[NotificationEvent::SomebodyWaits]);
        }
        if is_wanted_no_more || loan.period.due_at != was.period.due_at {
            self.mark_moot_of(was.id, ASKING);
            let events =
                &[NotificationEvent::ReturnDue, NotificationEvent::Overdue, NotificationEvent::OverdueEscalated];
            self.mark_moot_of(was.id, events);
        }
    }

    /// A unit that another has taken the place of, or that is promised no longer, is at risk no longer.
    fn make_promise_moot(&mut self, was: &Loan, loan: &Loan) {
        let is_the_same = loan.status == LoanStatus::Promised && loan.equipment_id == was.equipment_id;
        if was.status == LoanStatus::Promised && !is_the_same {
            self.mark_moot_of(was.id, &[NotificationEvent::PromiseAtRisk]);
        }
    }

    /// Nobody is asked to receive what does not come back, or what somebody has checked in by hand. A check-in of our own
    /// is no such hand: the unit still is to be looked at.
    fn make_return_moot(&mut self, before: &Dossier, loan: &Loan) {
        if !before.find_loan(loan.id).is_some_and(|was| before.is_coming_back(was)) {
            return;
        }
        let is_by_hand = loan.status == LoanStatus::Returned && self.after.find_live_operation(loan.id).is_some();
        let is_given_up = loan.status.is_out() && !self.after.is_coming_back(loan);
        if is_by_hand || is_given_up {
            self.mark_moot_of(loan.id, &[NotificationEvent::ReturnRequested]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        actor::Actor,
        change::{Cause, Change},
        id::UserId,
        inventory::{SnipeitAssetId, SnipeitUserId},
        operation::{Missed, Operation, OperationState, Verdict},
        requisition::{
            FollowUp, GiveBack, ReturnReport, Substitute,
            properties::{a_dossier, a_loan, now},
        },
    };
    use chrono::NaiveDateTime;

    /// A loan that is out and being brought back.
    fn coming_back() -> (Dossier, LoanId, Operation) {
        let requester = UserId::generate();
        let mut dossier = a_dossier(requester);
        let loan = Loan {
            status: LoanStatus::CheckedOut,
            snipeit_user_id: Some(SnipeitUserId(7)),
            fingerprint: Some(NaiveDateTime::default()),
            ..a_loan(&dossier.lines[0])
        };
        dossier.loans.push(loan.clone());
        let give_back = GiveBack { by: requester, now: now(), is_forgetful: false };
        let change = dossier.clone().request_return(loan.id, SnipeitAssetId(1), ReturnReport::FINE, give_back).unwrap();
        let asked = change.writes.into_iter().find_map(|write| match write {
            Write::InsertOperation(check_in) => Some(check_in),
            _ => None,
        });
        let check_in = asked.unwrap();
        dossier.operations.push(check_in.clone());
        (dossier, loan.id, check_in)
    }

    fn is_moot(change: &Change, loan: LoanId) -> bool {
        let moot = Moot { subject_id: loan.0, events: &[NotificationEvent::ReturnRequested] };
        change.writes.contains(&Write::MarkMoot(moot))
    }

    fn follow() -> FollowUp {
        let cause = Cause::new(Actor::Snipeit, "settled");
        FollowUp { now: now(), cause, borrower: None, substitute: Substitute::NotNeeded }
    }

    #[test]
    fn nobody_is_asked_to_receive_what_does_not_come_back() {
        let (dossier, loan, check_in) = coming_back();
        let refused = Operation { state: OperationState::Refused, ..check_in };
        let verdict = Verdict::NotApplied(Missed::UnitUnavailable);

        assert!(is_moot(&dossier.settle(refused, &verdict, &[], &follow()), loan));
    }

    #[test]
    fn nobody_is_asked_to_receive_what_somebody_has_checked_in_by_hand() {
        let (dossier, loan, _) = coming_back();

        assert!(is_moot(&dossier.adopt_return(loan, now()), loan));
    }

    #[test]
    fn what_we_have_checked_in_ourselves_is_still_to_be_looked_at() {
        let (dossier, loan, check_in) = coming_back();
        let applied = Operation { state: OperationState::Applied, ..check_in };

        assert!(!is_moot(&dossier.settle(applied, &Verdict::Applied, &[], &follow()), loan));
    }
}
