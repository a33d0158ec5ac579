//! Cancelling: takes back what waits for a decision, and what is promised only before anything was sent to Snipe-IT.

use super::{Dossier, Line, LineStatus, LoanStatus, RequisitionStatus, Transition};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::UserId,
    notification::NotificationEvent,
    operation::{Event, decide},
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

/// How much there still is to take back.
enum Reach {
    /// Lines that wait for a decision; for others something was sent.
    WhatWaits,
    Everything,
}

impl Dossier {
    /// # Errors
    /// Why it is too late.
    pub fn cancel(self, by: UserId, now: DateTime<Utc>) -> Result<Change, CancelRefused> {
        let mut transition = self.begin();
        let reach = reach(&transition)?;
        let status = transition.after.requisition.status;
        if !Permission::CancelRequisition.rule().allowed_while.allows_requisition(status) {
            return Err(CancelRefused::Over(status));
        }
        match reach {
            Reach::WhatWaits => cancel_lines(&mut transition, |line| line.status == LineStatus::Pending),
            Reach::Everything => {
                take_units_back(&mut transition, now);
                cancel_lines(&mut transition, |line| match line.status {
                    LineStatus::Pending | LineStatus::Approved | LineStatus::Cancelled => true,
                    LineStatus::Rejected | LineStatus::Withdrawn => false,
                });
            }
        }
        transition.notify_requester(NotificationEvent::Cancelled, None);
        Ok(transition.finish(&Cause::new(Actor::User(by), "cancelled")))
    }
}

fn reach(transition: &Transition) -> Result<Reach, CancelRefused> {
    let dossier = &transition.after;
    if transition.nothing_was_sent() {
        return Ok(Reach::Everything);
    }
    if dossier.undecided_lines().next().is_some() {
        return Ok(Reach::WhatWaits);
    }
    let in_doubt = dossier.operations.iter().any(|operation| operation.in_doubt && !operation.state.is_settled());
    Err(if in_doubt { CancelRefused::InDoubt } else { CancelRefused::AlreadySent })
}

fn take_units_back(transition: &mut Transition, now: DateTime<Utc>) {
    for operation in &mut transition.after.operations {
        let (mut abandoned, _) = decide(operation.clone(), Event::CancelWished);
        abandoned.settled_at = Some(now);
        *operation = abandoned;
    }
    for loan in &mut transition.after.loans {
        if loan.status == LoanStatus::Promised {
            loan.status = LoanStatus::Released;
        }
    }
}

fn cancel_lines(transition: &mut Transition, which: impl Fn(&Line) -> bool) {
    for line in transition.after.lines.iter_mut().filter(|line| which(line)) {
        line.status = LineStatus::Cancelled;
    }
}
