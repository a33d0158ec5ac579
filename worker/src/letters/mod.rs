//! Letters to people as jobs: one letter a job, and the notice that something is being verified.

mod notice;
mod send;
mod words;

pub use notice::handle as handle_notice;
pub use send::handle as handle_send;
