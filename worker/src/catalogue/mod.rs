//! Keeping up with Snipe-IT: the full sync, and the sweep over what changed lately.
//!
//! Each is one job that never ends: after a round it is postponed to the next, with its runs reset. The schema allows
//! one open job of each kind, so no round overlaps another; `store::jobs::hurry_kind` brings the next one forward.

mod comparison;
mod drift;
mod identity;
mod labels;
mod lists;
mod rounds;
mod sweep;
mod sync;
mod unreadable;

pub use identity::recognise;
pub use labels::check_labels;
pub use sweep::handle as handle_sweep;
pub use sync::handle as handle_sync;
