//! People who act in the same moment, without any fault: one wins, everybody else hears a clear answer.
//!
//! Real processes, real connections: what the pool, the locks and their order do under a crowd is part of the question.

mod cancel_and_take;
mod decisions;
mod given;
mod last_unit;
mod one_key;
mod pool;
