//! Lanes: who feeds jobs to [`run`](crate::jobs::run), from which bell, and how many at a time.

mod consumer;
mod gate;
mod gauges;
mod probe;
mod second_bell;
mod work;

pub use consumer::consume;
pub use gate::Gate;
pub use gauges::report;
pub use probe::probe;
pub use second_bell::listen;
pub use work::{Crew, Heard, LaneSettings};
