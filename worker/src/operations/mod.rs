//! Carrying an operation out on Snipe-IT: what `decide` says, and nothing else.

mod doubt;
mod held;
mod perform;
mod run;
mod settle;
mod take;

pub use doubt::accept_database;
pub use run::run;

/// Operations are run by [`run`] inside the transaction of their take, never through the common handlers.
pub(crate) fn never_here() -> ! {
    unreachable!("operations are dispatched before the other kinds")
}
