//! Parts that die, hang or lie: what the failure table promises, with real processes where the process matters.
//!
//! Rows that need no process are in `operations` and `bells`, those about stopping in `stack`.

mod another_database;
mod another_inventory;
mod api_killed;
mod broker;
mod database;
pub mod given;
mod mail;
mod outage;
mod passage;
mod relay_killed;
mod throttled;
mod token;
mod worker_frozen;
mod worker_killed;
