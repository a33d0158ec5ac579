//! Why something cannot be done to a project, as a problem.

use crate::problem::{InTheWay, Problem, ProblemType, Refusal};
use makerlab_shared::domain::project::ProjectRefused;

impl Refusal for ProjectRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::NotStaff => ProblemType::RoleNotAllowed,
            Self::OwnProject => ProblemType::OwnProject,
            Self::BorrowsForIt => ProblemType::ConflictOfInterest,
            Self::NotPending(_) => ProblemType::ProjectNotPending,
            Self::NotActive(_) => ProblemType::ProjectNotActive,
            Self::Over(_) => ProblemType::ProjectOver,
            Self::InTheWay(obstacles) if obstacles.units_out.is_empty() => ProblemType::RequisitionsOpen,
            Self::InTheWay(_) => ProblemType::UnitsStillOut,
            Self::AlreadyAMember => ProblemType::AlreadyAMember,
            Self::NotThere => ProblemType::NotFound,
            Self::LastLeader => ProblemType::LastLeader,
            Self::SupervisorStays => ProblemType::SupervisorStays,
            Self::CannotSupervise => ProblemType::CannotSupervise,
            Self::ReasonMissing => ProblemType::InvalidInput,
        }
    }
}

/// With the list of what must be done first.
pub(super) fn naming_obstacles(refused: ProjectRefused) -> Problem {
    match refused {
        ProjectRefused::InTheWay(ref obstacles) => {
            let in_the_way = InTheWay::from(obstacles);
            Problem::from(refused).naming(in_the_way)
        }
        refused => refused.into(),
    }
}
