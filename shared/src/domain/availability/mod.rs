//! Whether a unit is free for a period, which unit to promise, and how many are free when.
//!
//! One rule answers all three, so that what people are shown is what they get. Knows units as they were last seen and the
//! periods that are planned for them; what is planned is never rewritten by lateness.

mod count;
mod next_use;
mod pick;
mod risk;
mod rule;
mod steps;
#[cfg(test)]
mod tests;
mod unit;

pub use count::{FreeUnits, count};
pub use next_use::NextUse;
pub use pick::{Wish, pick};
pub use risk::{LOOK_AHEAD, NEXT_LOOK, Outlook};
pub use rule::{Obstacle, Rules};
pub use steps::{StepLength, WindowRefused, steps};
pub use unit::{Occupation, OccupationKind, UnitPlan};
