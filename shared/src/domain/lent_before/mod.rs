//! What Snipe-IT had lent before this backend came: which of it becomes a loan of ours, why the rest does not, and the loan.
//!
//! Nothing is sent: our record takes up what stands in Snipe-IT, with its tenure, so that a return ends that and no other.

mod adopt;
mod fresh;
mod judge;
mod person;
#[cfg(test)]
mod tests;

pub use adopt::{Adoption, PROJECT_NAME, PROJECT_TAG, adopt, project};
pub use fresh::{LastRead, NotFresh};
pub use judge::{Adoptable, LabTimes, NotAdopted, Shown, UnitOnRecord, judge};
pub use person::{Found, HolderSeen, find_person};
