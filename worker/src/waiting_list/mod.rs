//! The lines of those who wait: served when something was released, and when what was kept was not taken.

mod serve;

pub use serve::handle as handle_serve;
