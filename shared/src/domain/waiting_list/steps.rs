//! What becomes of a place in a line.

use super::{Claim, HoldLimit, WaitingEntry, WaitingStatus};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity, HistoryEntry, Write, entry},
    id::{RequisitionId, UserId},
    job::{DueTime, NewJob},
    notice::Moot,
    notification::NotificationEvent,
    permission::Permission,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeaveRefused {
    #[error("the entry is {0}; only one that waits, or whose units are kept, can be left")]
    Over(WaitingStatus),
}

impl WaitingEntry {
    /// What was kept goes to the next in line.
    ///
    /// # Errors
    /// It is over already.
    pub fn leave(self, by: UserId) -> Result<Change, LeaveRefused> {
        if !Permission::LeaveWaitingList.rule().allowed_while.allows_waiting_entry(self.status) {
            return Err(LeaveRefused::Over(self.status));
        }
        let next = NewJob::serve_waiting_list(self.model_id, DueTime::AtOnce);
        let mut change = self.end(WaitingStatus::Left, &Cause::new(Actor::User(by), "left"));
        change.jobs.push(next);
        Ok(change)
    }

    /// Nobody asked for it in time, or its period is over.
    pub(super) fn expire(self) -> Change {
        self.end(WaitingStatus::Expired, &Cause::new(Actor::System, "expired"))
    }

    /// A requisition asks for what was kept. Where somebody must decide, as much of it stays kept until then as is asked
    /// for; the rest goes to the next in line.
    pub fn take(self, requisition_id: RequisitionId, undecided: Option<Claim>) -> Change {
        let cause = Cause::new(Actor::User(self.user_id), "taken");
        let (model_id, kept) = (self.model_id, self.quantity);
        let claim = undecided.unwrap_or_default();
        let taken = Self { requisition_id: Some(requisition_id), ..self };
        let mut change = taken.moved_to(WaitingStatus::Taken, &cause);
        if claim.units() < kept {
            change.jobs.push(NewJob::serve_waiting_list(model_id, DueTime::AtOnce));
        }
        change.writes.push(Write::LimitHolds(HoldLimit { requisition_id, model_id, claim }));
        change
    }

    pub(super) fn end(self, status: WaitingStatus, cause: &Cause) -> Change {
        let id = self.id;
        let mut change = self.moved_to(status, cause);
        change.writes.push(Write::EndHolds(id));
        change
    }

    /// Whoever was to hear that something is kept for them, or that somebody waits for what they have, need not hear it
    /// once that is over.
    pub(super) fn moved_to(self, status: WaitingStatus, cause: &Cause) -> Change {
        let (id, model, before) = (self.id, self.model_id, self.status);
        let held_until = self.held_until.filter(|_| status == WaitingStatus::Held);
        let after = Self { status, held_until, ..self };
        let mut change = Change::default();
        change.history.push(after.told(Some(before), cause));
        change.writes.push(Write::UpdateWaitingEntry(after));
        change.writes.push(match before {
            WaitingStatus::Held => {
                Write::MarkMoot(Moot { subject_id: id.0, events: &[NotificationEvent::HoldGranted] })
            }
            WaitingStatus::Waiting
            | WaitingStatus::Taken
            | WaitingStatus::Expired
            | WaitingStatus::Left
            | WaitingStatus::Ended => Write::MarkNobodyWaits(model),
        });
        change
    }

    pub(super) fn told(&self, before: Option<WaitingStatus>, cause: &Cause) -> HistoryEntry {
        let from = before.map(WaitingStatus::as_str);
        let told = entry(Entity::WaitingEntry, self.id.0, from, self.status.as_str(), cause);
        HistoryEntry { project_id: Some(self.project_id), requisition_id: self.requisition_id, ..told }
    }
}
