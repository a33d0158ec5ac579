//! The domain: pure values and functions. No async, no SQL, no clock (`now` is an argument).

pub mod actor;
pub mod availability;
pub mod budget;
pub mod change;
pub mod digest;
pub mod equipment;
pub mod finding;
pub mod id;
pub mod inventory;
pub mod job;
pub mod lab_day;
pub mod lab_settings;
pub mod loan_watch;
pub mod money;
pub mod notice;
pub mod notification;
pub mod operation;
pub mod permission;
pub mod person;
pub mod preference;
pub mod project;
pub mod quota;
pub mod report;
pub mod requisition;
pub mod text_enum;
pub mod user;
