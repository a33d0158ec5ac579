//! `makerlab-worker snipeit check` against the simulator, with each thing broken in turn.

mod behind;
mod front;
mod given;
mod screen;
