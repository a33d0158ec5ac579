//! tests
pub mod simulator;
