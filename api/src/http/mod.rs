//! What every endpoint shares: who calls, how bodies, paths and queries are read, how answers are kept and written.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod due;
pub(crate) mod endpoints;
pub(crate) mod exchange;
pub(crate) mod fallback;
pub(crate) mod input;
pub(crate) mod observe;
pub(crate) mod paging;
pub(crate) mod params;
pub(crate) mod precondition;
pub(crate) mod token;
pub(crate) mod words;
