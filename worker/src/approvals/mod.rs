//! What waits for people to decide it.

mod remind;

pub use remind::handle as handle_reminder;
