//! The model check of the protocol: `decide`, `choose_fingerprint` and the sweep's comparison, as production runs them,
//! against every order in which Snipe-IT, workers, clocks and people can act, within the bounds that each test names.
//!
//! `cargo test -p makerlab-shared --test model -- --nocapture` prints how many states there were, and for each rule of
//! the protocol the shortest way in which things go wrong without it. Around the real functions the worker's steps are
//! written down again here, one by one; where the worker changes, `take.rs`, `perform.rs` and `settle.rs` must follow.
//!
//! Left out: the call budget and pauses (they only delay), units other than the one asset, the hour that occurs twice,
//! deleted assets. A technician who is asked always finds out the truth. The model's sweep sees archived assets too;
//! production's hides them, which matters to a check-out by hand whose asset is archived before the next sweep.

mod clock;
mod perform;
mod properties;
mod records;
mod report;
mod search;
mod settle;
mod setup;
mod snipeit;
mod steps;
mod surroundings;
mod take;
mod worker;
mod world;

mod protocol;
mod residual;
mod variants;
