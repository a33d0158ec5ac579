//! What the api and the worker share: the domain, PostgreSQL, the broker, settings, telemetry and the retry policy.
//!
//! Knows nothing of HTTP servers, Snipe-IT's HTTP API or SMTP.

pub mod broker;
pub mod crash;
pub mod domain;
pub mod relay;
pub mod retry;
pub mod settings;
pub mod shutdown;
pub mod store;
pub mod telemetry;
