//! Joining a line: whoever may ask for equipment may wait for it, where there is nothing to have at once.

use super::{WaitingEntry, WaitingStatus};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Write},
    id::{ModelId, ProjectId, UserId, WaitingEntryId},
    job::{DueTime, NewJob},
    permission::Permission,
    project::{MemberRole, ProjectStatus},
    requisition::{OverdueLoans, OverdueStanding, Period, SubmitRefused, check_standing},
};
use chrono::{DateTime, Utc};

/// A place that somebody wants, with what is known of them and of the units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// The lab's time.
    pub now: DateTime<Utc>,
    pub project_id: ProjectId,
    pub project_status: ProjectStatus,
    pub member_role: Option<MemberRole>,
    pub user_id: UserId,
    pub overdue: OverdueStanding,
    pub model_id: ModelId,
    pub quantity: i32,
    pub period: Period,
    /// Units that this person could have for the period now.
    pub free: usize,
    /// All units that Snipe-IT lists.
    pub total: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinRefused {
    #[error(transparent)]
    NotAllowed(#[from] SubmitRefused),
    #[error(transparent)]
    Overdue(#[from] OverdueLoans),
    #[error("{0} units are free in this period; ask for them instead of waiting")]
    UnitsAreFree(usize),
    #[error("the lab has {0} units of this model; wait for at most as many")]
    TooMany(usize),
}

/// # Errors
/// The rule that says no.
pub fn join(joining: Joining) -> Result<(WaitingEntryId, Change), JoinRefused> {
    check_standing(Permission::JoinWaitingList, joining.member_role, joining.project_status)?;
    joining.overdue.check(joining.now)?;
    let wanted = usize::try_from(joining.quantity).unwrap_or(usize::MAX);
    if wanted > joining.total {
        return Err(JoinRefused::TooMany(joining.total));
    }
    if joining.free >= wanted {
        return Err(JoinRefused::UnitsAreFree(joining.free));
    }
    let entry = WaitingEntry {
        id: WaitingEntryId::generate(),
        project_id: joining.project_id,
        model_id: joining.model_id,
        user_id: joining.user_id,
        quantity: joining.quantity,
        period: joining.period,
        status: WaitingStatus::Waiting,
        held_until: None,
        requisition_id: None,
        version: 1,
    };
    let id = entry.id;
    let mut change = Change::default();
    change.history.push(entry.told(None, &Cause::new(Actor::User(joining.user_id), "joined")));
    // A unit may have been released while this was decided.
    change.jobs.push(NewJob::serve_waiting_list(joining.model_id, DueTime::AtOnce));
    change.writes.push(Write::InsertWaitingEntry(entry));
    Ok((id, change))
}
