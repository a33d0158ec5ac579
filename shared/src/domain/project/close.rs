//! The end of a project: only when everything is back and nothing is under way, and never by cancelling in silence.

use super::{ProjectRefused, ProjectStatus, Team};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    id::{LoanId, RequisitionId, UserId},
    permission::Permission,
    person::PersonName,
    requisition::RequisitionStatus,
};
use chrono::{DateTime, Utc};
use std::fmt;

/// What keeps a project from being completed or archived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Obstacles {
    pub units_out: Vec<UnitOut>,
    pub requisitions_open: Vec<OpenRequisition>,
}

/// A unit that a member has, or may have: also while its check-out or its return is under way or unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitOut {
    pub loan_id: LoanId,
    pub tag: String,
    pub model_name: String,
    pub borrower_id: UserId,
    pub borrower: PersonName,
    pub due_at: DateTime<Utc>,
}

/// A requisition that waits for a decision, or whose promised units have not gone out yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRequisition {
    pub id: RequisitionId,
    pub number: String,
    pub status: RequisitionStatus,
}

impl Obstacles {
    pub fn is_empty(&self) -> bool {
        self.units_out.is_empty() && self.requisitions_open.is_empty()
    }
}

/// What stands in the way first, and what to do about it.
impl fmt::Display for Obstacles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.units_out.len(), self.requisitions_open.len()) {
            (0, open) => write!(f, "requisitions are still open ({open}); cancel them or have them decided first"),
            (out, 0) => write!(f, "units are still out ({out}); return them first"),
            (out, open) => {
                write!(f, "units are still out ({out}) and requisitions open ({open}); return and cancel them first")
            }
        }
    }
}

impl Team {
    /// What it was for is done.
    ///
    /// # Errors
    /// [`ProjectRefused::NotActive`], [`ProjectRefused::InTheWay`].
    pub fn complete(self, by: UserId, obstacles: Obstacles) -> Result<Change, ProjectRefused> {
        self.check_end(Permission::CompleteProject, obstacles)?;
        Ok(self.moved_to(ProjectStatus::Completed, &Cause::new(Actor::User(by), "completed")))
    }

    /// It goes on no longer, done or not.
    ///
    /// # Errors
    /// [`ProjectRefused::NotActive`], [`ProjectRefused::InTheWay`].
    pub fn archive(self, by: UserId, reason: Option<&str>, obstacles: Obstacles) -> Result<Change, ProjectRefused> {
        self.check_end(Permission::ArchiveProject, obstacles)?;
        let cause = Cause { reason: reason.map(str::to_owned), ..Cause::new(Actor::User(by), "archived") };
        Ok(self.moved_to(ProjectStatus::Archived, &cause))
    }

    fn check_end(&self, permission: Permission, obstacles: Obstacles) -> Result<(), ProjectRefused> {
        let status = self.project.status;
        if !permission.rule().allowed_while.allows_project(status) {
            return Err(ProjectRefused::NotActive(status));
        }
        if obstacles.is_empty() { Ok(()) } else { Err(ProjectRefused::InTheWay(obstacles)) }
    }
}
