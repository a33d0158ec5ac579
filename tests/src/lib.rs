//! The lab in a box: what the tests and the demo stand on.

pub mod otlp_receiver;
