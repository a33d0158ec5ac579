//! What the outside may see of a running process: logs, traces and metrics.
//!
//! Trace ids exist with and without a collector, since `traceparent` travels on every job. Nothing here may hold up
//! the work: exports run on a thread of their own and are bounded in time.

mod export;
mod guard;
mod logs;
pub mod metrics;
mod settings;
mod subscriber;
pub mod traceparent;

pub use guard::TelemetryGuard;
pub use settings::{LogFormat, TelemetrySettings};
pub use subscriber::{TelemetryError, init, subscriber};
