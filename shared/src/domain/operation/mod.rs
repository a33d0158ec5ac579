//! Operations: one wanted effect on one asset in Snipe-IT, and the protocol that makes it happen once.

mod confirm;
mod decide;
mod fingerprint;
mod state;
mod testimony;

pub use confirm::{Confirmation, confirm, find_zone_error};
pub use decide::{Action, Decision, Event, LogSeen, Missed, PersonNeeded, Verdict, decide};
pub use fingerprint::{Fingerprint, TooEarly, choose_fingerprint, is_repeated_hour};
pub use state::{MAX_ATTEMPTS, MAX_UNITS, Operation, OperationKind, OperationState, Tenure};
pub use testimony::{Testimony, tell, whom};
