//! Cancelling: takes back what waits for a decision, and what is promised of which nothing was sent to Snipe-IT yet. What is
//! out, or may be, stays: it is returned.

use super::{Dossier, LineStatus, LoanStatus, OpenPromise, RequisitionStatus, Transition};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::{LineId, UserId},
    notification::NotificationEvent,
    operation::{Event, Operation, decide},
    permission::Permission,
};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefused {
    #[error("a check-out has already been sent to the inventory; ask for a return instead")]
    AlreadySent,
    #[error(
        "the database was restored or failed over, and whether a check-out was sent before is being verified; try again later"
    )]
    InDoubt,
    #[error("the requisition is {0}; only what is pending or approved can be cancelled")]
    Over(RequisitionStatus),
}

impl Dossier {
    /// # Errors
    /// Why it is too late.
    pub fn cancel(self, by: UserId, now: DateTime<Utc>) -> Result<Change, CancelRefused> {
        let open: Vec<_> = self.loans.iter().filter_map(|loan| self.find_open_promise(loan.id)).collect();
        if open.is_empty() && self.undecided_lines().next().is_none() {
            return Err(self.why_nothing_is_left());
        }
        let status = self.requisition.status;
        if !Permission::CancelRequisition.rule().allowed_while.allows_requisition(status) {
            return Err(CancelRefused::Over(status));
        }
        let mut transition = self.begin();
        for promise in &open {
            release(&mut transition, promise, now);
        }
        cancel_lines(&mut transition);
        transition.notify_requester(NotificationEvent::Cancelled, None);
        Ok(transition.finish(&Cause::new(Actor::User(by), "cancelled")))
    }

    fn why_nothing_is_left(&self) -> CancelRefused {
        let is_live = |operation: &&Operation| !operation.state.is_settled();
        let mut under_way = self.operations.iter().filter(is_live);
        let may_be_out = self.loans.iter().any(|loan| loan.status.is_out()) || under_way.clone().next().is_some();
        match may_be_out {
            _ if under_way.any(|operation| operation.in_doubt) => CancelRefused::InDoubt,
            true => CancelRefused::AlreadySent,
            false => CancelRefused::Over(self.requisition.status),
        }
    }
}

/// Its check-out, where one waits, is withdrawn.
fn release(transition: &mut Transition, promise: &OpenPromise, now: DateTime<Utc>) {
    if let Some(waiting) = promise.waiting {
        let operation = transition.operation_mut(waiting);
        let (mut abandoned, _) = decide(operation.clone(), Event::CancelWished);
        abandoned.settled_at = Some(now);
        *operation = abandoned;
    }
    transition.loan_mut(promise.loan.id).status = LoanStatus::Released;
}

/// Those that wait, and those of which nothing is left.
fn cancel_lines(transition: &mut Transition) {
    let Dossier { lines, loans, .. } = &mut transition.after;
    let is_released = |line: LineId| {
        let mut of_line = loans.iter().filter(|loan| loan.line_id == line);
        of_line.all(|loan| loan.status == LoanStatus::Released)
    };
    for line in lines {
        line.status = match line.status {
            LineStatus::Pending => LineStatus::Cancelled,
            LineStatus::Approved if is_released(line.id) => LineStatus::Cancelled,
            status @ (LineStatus::Approved
            | LineStatus::Cancelled
            | LineStatus::Rejected
            | LineStatus::Withdrawn
            | LineStatus::Lapsed) => status,
        };
    }
}
