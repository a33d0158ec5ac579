//! Whether the process lives, and whether it can do its work.

pub(crate) mod livez;
pub(crate) mod readyz;
