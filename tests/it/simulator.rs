//! The simulator held to the recordings of a real Snipe-IT, and to what tests of the protocol need of it.

mod effects;
mod faults;
mod given;
mod replay;
mod shape;
mod throttle;
