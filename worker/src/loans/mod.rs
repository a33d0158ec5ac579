//! What becomes of loans while time passes.

mod watch;

pub use watch::handle as handle_watch;
