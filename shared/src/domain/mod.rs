//! The domain: pure values and functions. No async, no SQL, no clock (`now` is an argument).

pub mod inventory;
pub mod notification;
pub mod person;
