//! tests

pub mod mailbox;
