//! worker

pub mod snipeit;
