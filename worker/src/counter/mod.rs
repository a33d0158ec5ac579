//! What the counter leaves to the worker.

mod uncollected;

pub use uncollected::handle as handle_uncollected;
