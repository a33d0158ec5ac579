//! Operations: one wanted effect on one asset in Snipe-IT, and the protocol that makes it happen once.

mod action;
mod confirm;
mod decide;
mod event;
mod fingerprint;
mod state;
mod testimony;

pub use action::{Action, Missed, PersonNeeded, Verdict};
pub use confirm::{Confirmation, confirm, find_zone_error};
pub use decide::{Decision, decide};
pub use event::{Event, LogSeen};
pub use fingerprint::{Fingerprint, TooEarly, choose_fingerprint, is_repeated_hour};
pub use state::{MAX_ATTEMPTS, MAX_UNITS, Operation, OperationKind, OperationState, Tenure};
pub use testimony::{Testimony, tell, whom};
