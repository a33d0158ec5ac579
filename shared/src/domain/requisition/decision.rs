//! Deciding: a technician or an admin approves or rejects; nobody decides their own.

use super::{Dossier, LineStatus, submit::promise};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    equipment::Unit,
    id::{LineId, UserId},
    notification::NotificationEvent,
    permission::{Denied, Permission, Place},
    user::Role,
};

/// Who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decide {
    pub by: UserId,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefused {
    #[error("only technicians and admins decide")]
    NotStaff,
    #[error("nobody decides their own requisition; ask a colleague")]
    OwnRequisition,
    #[error("the requisition has been decided already")]
    AlreadyDecided,
    #[error("the requisition's period is over; reject it and ask for a new one")]
    PeriodOver,
    #[error("say why, so that the requester knows what to do")]
    ReasonMissing,
}

impl Dossier {
    /// The lines that wait for a decision, so that units can be chosen for them.
    pub fn undecided_lines(&self) -> impl Iterator<Item = &super::Line> {
        self.lines.iter().filter(|line| line.status == LineStatus::Pending)
    }

    /// # Errors
    /// The rule that says no.
    pub fn check_decision(&self, decide: Decide) -> Result<(), DecisionRefused> {
        let owns =
            self.requisition.requester_id == decide.by || self.loans.iter().any(|loan| loan.borrower_id == decide.by);
        match Permission::ApproveRequisition.check(Place { role: decide.role, member: None, owns }) {
            Ok(()) => {}
            Err(Denied::Own) => return Err(DecisionRefused::OwnRequisition),
            Err(Denied::Hidden | Denied::Role | Denied::MemberRole) => return Err(DecisionRefused::NotStaff),
        }
        if self.undecided_lines().next().is_none() {
            return Err(DecisionRefused::AlreadyDecided);
        }
        Ok(())
    }

    /// Approves every waiting line with the units chosen for it; the check-outs become due.
    ///
    /// # Errors
    /// The rule that says no.
    pub fn approve(self, decide: Decide, units: &[(LineId, Vec<Unit>)]) -> Result<Change, DecisionRefused> {
        self.check_decision(decide)?;
        if self.requisition.period.due_at <= self.now {
            return Err(DecisionRefused::PeriodOver);
        }
        let mut transition = self.begin();
        for position in 0..transition.after.lines.len() {
            if transition.after.lines[position].status != LineStatus::Pending {
                continue;
            }
            transition.after.lines[position].status = LineStatus::Approved;
            let line = transition.after.lines[position].clone();
            let chosen = units.iter().find(|(id, _)| *id == line.id).map_or(&[][..], |(_, units)| units);
            promise(&mut transition, &line, chosen, Some(decide.by));
        }
        transition.after.requisition.decided_by = Some(decide.by);
        transition.after.requisition.decided_at = Some(transition.after.now);
        transition.notify_requester(NotificationEvent::Approved, None);
        Ok(transition.finish(&Cause::new(Actor::User(decide.by), "approved")))
    }

    /// # Errors
    /// The rule that says no.
    pub fn reject(self, decide: Decide, reason: &str) -> Result<Change, DecisionRefused> {
        self.check_decision(decide)?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(DecisionRefused::ReasonMissing);
        }
        let mut transition = self.begin();
        for line in &mut transition.after.lines {
            if line.status == LineStatus::Pending {
                line.status = LineStatus::Rejected;
            }
        }
        transition.after.requisition.decided_by = Some(decide.by);
        transition.after.requisition.decided_at = Some(transition.after.now);
        transition.after.requisition.decision_reason = Some(reason.to_owned());
        transition.notify_requester(NotificationEvent::Rejected, Some(reason.to_owned()));
        Ok(transition.finish(&Cause::new(Actor::User(decide.by), "rejected").because(reason)))
    }
}
