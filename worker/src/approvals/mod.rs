//! What waits for people to decide it.

mod remind;
mod wish;

pub use remind::handle as handle_reminder;
pub use wish::handle as handle_wish;
