mod lab;
//! Every test that crosses a crate.

mod telemetry;
