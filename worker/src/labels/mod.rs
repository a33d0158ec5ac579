//! The label of what is promised, if a lab has chosen one. Each sweep orders what differs; one job a unit sets it.

mod order;
mod set;

pub use order::order;
pub use set::handle;
