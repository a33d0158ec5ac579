//! RabbitMQ: topology, connection, publishing and the message itself.
//!
//! The message is only a bell: what it rings for stands in a job's row. Nothing here recovers by itself; whoever holds
//! a connection drops it at the first error and starts again (lapin's own recovery was seen to hang).

mod bell;
mod connection;
mod publisher;
mod topology;

pub use bell::{Bell, BellError};
pub use connection::{BrokerError, Session, connect};
pub use publisher::{Publisher, Rung};
pub use topology::{Names, declare};

use crate::retry::RetryPolicy;
use std::time::Duration;

/// How long anything may take that the broker answers.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How soon a lost broker is tried again.
pub const RECONNECT: RetryPolicy = RetryPolicy::new(Duration::from_millis(100), Duration::from_secs(2));
