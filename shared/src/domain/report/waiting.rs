//! How long people waited: two ranks that one very long wait does not move.

/// Waits of a kind in whole seconds; no seconds where nobody waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub count: i64,
    /// Half of them were no longer than this one.
    pub median_seconds: Option<i64>,
    /// Nine of ten were no longer than this one.
    pub p90_seconds: Option<i64>,
}

impl Waiting {
    pub const NONE: Self = Self { count: 0, median_seconds: None, p90_seconds: None };
}
