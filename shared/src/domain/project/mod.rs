//! Projects and their members: on whose behalf equipment is lent.
//!
//! A [`Team`] is one project with everybody who is in it. Its transitions consume it and say what changes; who may ask
//! for which one is [`permission`](super::permission)'s table.

mod close;
mod create;
mod details;
mod membership;
#[cfg(test)]
mod properties;
mod record;
mod review;
mod state;
mod team;

pub use close::{Obstacles, OpenRequisition, UnitOut};
pub use create::{NewProject, create};
pub use details::{AcademicYear, DetailRefused, GroupNumber, Link, MAX_LINKS, MAX_TAGS, ProjectDetails, Tag};
pub use state::{Member, MemberRole, Project, ProjectStatus};
pub use team::{ProjectRefused, Team};
