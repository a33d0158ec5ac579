//! worker

pub mod mail;
