//! Drift: what our record says of a unit, beside what Snipe-IT was seen to show of it.
//!
//! Pure: a [`Picture`] comes from the store, [`judge`] says what it means. Nothing is judged while an effect of ours is on
//! its way or not confirmed, nor by a sight that is older than our latest effect.

mod judge;
mod picture;
#[cfg(test)]
mod properties;
mod respond;
#[cfg(test)]
mod tests;
mod words;

pub use judge::{Drift, Judgement, compare, judge};
pub use picture::{LoanOnRecord, OurEffect, Picture, Sight, SnipeitClock};
pub use respond::{OpenFinding, Told, close_all, ignore, respond, told_over};
pub use words::not_written;
