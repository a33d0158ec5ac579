//! Paging by position rather than by number: a row that is added meanwhile neither hides nor repeats another.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The last row of the page before; lists run from the newest to the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    pub created_at: DateTime<Utc>,
    pub id: Uuid,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// `None`: from the newest.
    pub after: Option<After>,
    pub limit: i64,
}

impl Page {
    pub(super) fn created_before(self) -> Option<DateTime<Utc>> {
        self.after.map(|after| after.created_at)
    }

    pub(super) fn id_before(self) -> Option<Uuid> {
        self.after.map(|after| after.id)
    }
}
