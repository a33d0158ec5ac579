//! What ends with a person: the evidence side by side, and an answer that stands in every history with their name.
//!
//! Through both front doors, the api and the command line, on a floor where it really came to that.

mod answers;
mod forgotten;
mod given;
mod limits;
mod screen;
