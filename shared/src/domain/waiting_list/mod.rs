//! Waiting for units that are not free: in line, by model and period. Whoever is first and can be served whole has the
//! units kept for some hours, takes them with a requisition, or lets the next one have them.

mod claim;
mod end;
mod entry;
mod join;
mod serve;
mod steps;
#[cfg(test)]
mod tests;

pub use claim::{Claim, HoldLimit};
pub use end::{NamedEntry, end_places};
pub use entry::{Hold, WaitingEntry, WaitingStatus};
pub use join::{JoinRefused, Joining, join};
pub use serve::{InLine, Line, serve};
pub use steps::LeaveRefused;
