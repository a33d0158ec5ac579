//! Keeping up with Snipe-IT: the full sync, and the sweep over what changed lately.

mod sweep;
mod sync;

pub use sweep::handle as handle_sweep;
pub use sync::handle as handle_sync;
