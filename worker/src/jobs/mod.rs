//! Running a job: one function for both bells and for every kind.

mod failure;
mod handled;
mod run;

pub use failure::Failure;
pub use handled::{Handled, Settlement};
pub use run::{Ran, run};
pub(crate) use run::{SETTLE_RETRY, backoff, is_out_of_runs};
