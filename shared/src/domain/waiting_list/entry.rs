//! One place in a line.

use crate::domain::{
    id::{EquipmentId, HoldId, ModelId, ProjectId, RequisitionId, UserId, WaitingEntryId},
    requisition::Period,
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};

text_enum! {
    pub enum WaitingStatus {
        /// Not enough units are free yet.
        Waiting = "waiting",
        /// The units are kept, until a time.
        Held = "held",
        /// A requisition asked for them.
        Taken = "taken",
        /// They were not asked for in time, or the period is over.
        Expired = "expired",
        /// Not wanted any more.
        Left = "left",
        /// The project is over, or whoever waited may not ask for equipment for it any more.
        Ended = "ended",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingEntry {
    pub id: WaitingEntryId,
    pub project_id: ProjectId,
    pub model_id: ModelId,
    pub user_id: UserId,
    pub quantity: i32,
    pub period: Period,
    pub status: WaitingStatus,
    /// Set while it is held, by the lab's clock.
    pub held_until: Option<DateTime<Utc>>,
    /// Set once it is taken.
    pub requisition_id: Option<RequisitionId>,
    pub version: i32,
}

/// A unit kept for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub entry_id: WaitingEntryId,
    pub equipment_id: EquipmentId,
    pub period: Period,
}

impl WaitingEntry {
    pub fn is_in_line(&self) -> bool {
        match self.status {
            WaitingStatus::Waiting | WaitingStatus::Held => true,
            WaitingStatus::Taken | WaitingStatus::Expired | WaitingStatus::Left | WaitingStatus::Ended => false,
        }
    }

    /// Whether what is kept would serve a requisition of this model and period for the project that it is kept for.
    pub fn serves(&self, project: ProjectId, model: ModelId, period: Period, now: DateTime<Utc>) -> bool {
        (self.project_id, self.model_id) == (project, model)
            && self.held_until.is_some_and(|until| until > now)
            && self.period.starts_at <= period.starts_at
            && period.due_at <= self.period.due_at
    }

    /// Whether there is something to wait for, or to take.
    pub(super) fn is_going_on(&self, now: DateTime<Utc>) -> bool {
        self.remaining(now).is_some() && self.held_until.is_none_or(|until| until > now)
    }

    /// What of the period is still to come; `None`: nothing.
    pub(super) fn remaining(&self, now: DateTime<Utc>) -> Option<Period> {
        let starts_at = self.period.starts_at.max(now);
        (starts_at < self.period.due_at).then_some(Period { starts_at, due_at: self.period.due_at })
    }
}
