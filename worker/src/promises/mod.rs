//! Promises as time goes by: whether their units will be there.

mod watch;

pub use watch::handle as handle_watch;
