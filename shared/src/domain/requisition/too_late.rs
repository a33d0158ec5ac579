//! What goes out by itself and could not until its time was over is given up, as what nobody collects is.

use super::{Dossier, Loan, LoanStatus};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    notification::{Message, NotificationEvent},
    operation::{Event, Operation, OperationState, decide},
    reason::Ground,
};
use chrono::{DateTime, Utc};

impl Dossier {
    /// Whether nothing is to be sent for it any more: the loan's time is over, and the borrower does not have the unit.
    pub fn is_too_late(&self, check_out: &Operation) -> bool {
        let is_over = |loan: &Loan| loan.status == LoanStatus::Promised && loan.period.due_at <= self.now;
        decide(check_out.clone(), Event::PeriodOver).0.state == OperationState::Abandoned
            && self.find_loan(check_out.loan_id).is_some_and(is_over)
    }

    /// Withdraws every check-out that is too late, so that the requester gets one letter. `now`: real time.
    pub fn release_too_late(self, now: DateTime<Utc>) -> Change {
        let too_late: Vec<Operation> = self.operations.iter().filter(|one| self.is_too_late(one)).cloned().collect();
        let mut transition = self.begin();
        for check_out in too_late {
            let (loan, id) = (check_out.loan_id, check_out.id);
            let (abandoned, _) = decide(check_out, Event::PeriodOver);
            *transition.operation_mut(id) = Operation { settled_at: Some(now), ..abandoned };
            transition.loan_mut(loan).status = LoanStatus::Released;
        }
        let why = Message::Reason(Ground::NotCheckedOutInTime.into());
        transition.notify_requester(NotificationEvent::PeriodOver, Some(why));
        let cause = Cause::new(Actor::System, "period_over");
        transition.finish(&cause.because("it could not be checked out before its time was over"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        change::Write,
        equipment::{Collection, Unit},
        id::UserId,
        inventory::SnipeitAssetId,
        requisition::{
            properties::{a_dossier, a_loan, now},
            submit::check_out,
        },
    };
    use chrono::TimeDelta;

    /// Two loans, each with a check-out that waits, at the moment at which their time is over.
    fn over() -> Dossier {
        let mut dossier = a_dossier(UserId::generate());
        for _ in 0..2 {
            let loan = a_loan(&dossier.lines[0]);
            let asset = SnipeitAssetId(1);
            let unit = Unit { id: loan.equipment_id, snipeit_asset_id: asset, collection: Collection::StraightThrough };
            dossier.operations.push(check_out(&loan, unit, true, 1, None));
            dossier.loans.push(loan);
        }
        Dossier { now: dossier.loans[0].period.due_at, ..dossier }
    }

    #[test]
    fn a_check_out_is_too_late_from_the_moment_at_which_its_loan_is_due() {
        let over = over();
        let before = Dossier { now: over.now - TimeDelta::seconds(1), ..over.clone() };

        assert!(over.is_too_late(&over.operations[0]));
        assert!(!before.is_too_late(&before.operations[0]));
    }

    #[test]
    fn what_may_be_on_its_way_or_is_with_the_borrower_is_not_too_late() {
        let over = over();
        let waiting = over.operations[0].clone();
        for state in [OperationState::Sent, OperationState::Unknown, OperationState::WithPerson] {
            assert!(!over.is_too_late(&Operation { state, ..waiting.clone() }), "{state}");
        }
        assert!(!over.is_too_late(&Operation { in_doubt: true, ..waiting.clone() }));
        let mut handed_over = over;
        handed_over.loans[0].status = LoanStatus::HandedOver;
        assert!(!handed_over.is_too_late(&waiting));
    }

    #[test]
    fn what_certainly_took_no_effect_is_not_sent_once_more() {
        let over = over();
        let tried = Operation { attempts: 1, ..over.operations[0].clone() };
        assert!(over.is_too_late(&tried));
    }

    #[test]
    fn all_that_is_too_late_of_a_requisition_is_released_and_told_once() {
        let change = over().release_too_late(now());

        let released = |write: &&Write| matches!(write, Write::UpdateLoan(loan) if loan.status == LoanStatus::Released);
        assert_eq!(change.writes.iter().filter(released).count(), 2);
        let withdrawn = |write: &&Write| {
            matches!(write, Write::UpdateOperation(one)
                if one.state == OperationState::Abandoned && one.settled_at == Some(now()))
        };
        assert_eq!(change.writes.iter().filter(withdrawn).count(), 2);
        let told: Vec<_> = change.notifications.iter().map(|letter| letter.event).collect();
        assert_eq!(told, [NotificationEvent::PeriodOver]);
    }
}
