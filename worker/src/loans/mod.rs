//! What becomes of loans while time passes.

mod expected_checkin;
mod watch;

pub use expected_checkin::handle as handle_expected_checkin;
pub use watch::handle as handle_watch;
