//! Tests that cross a crate.

mod snipeit_client;
