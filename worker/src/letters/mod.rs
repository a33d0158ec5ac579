//! Letters to people as jobs: one letter a job, the digest of a day, and the notice that something is being verified.

mod digest;
mod notice;
mod send;
mod words;

pub use digest::handle as handle_digest;
pub use notice::handle as handle_notice;
pub use send::handle as handle_send;
