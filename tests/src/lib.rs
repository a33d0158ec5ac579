//! The lab in a box: everything that the tests, the demo and the bench share.

pub mod bench;
pub mod catalogue_bench;
pub mod command;
pub mod crash;
pub mod demo;
pub mod floor;
pub mod lab;
pub mod mailbox;
pub mod otlp_receiver;
pub mod picture;
pub mod report_bench;
pub mod simulator;
pub mod stack;
pub mod storm;
