//! The lab in a box: everything that the tests, the demo and the bench share.

pub mod lab;
//! The lab in a box: what the tests and the demo stand on.

pub mod otlp_receiver;
