//! Paging by position rather than by number: a row that is added meanwhile neither hides nor repeats another.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The last row of the page before; lists run from the newest to the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    pub created_at: DateTime<Utc>,
    pub id: Uuid,
}

impl After {
    /// Where rows are numbered, not named, the number stands where other lists have an id.
    pub(super) fn numbered(at: DateTime<Utc>, number: i64) -> Self {
        Self { created_at: at, id: Uuid::from_u128(u128::try_from(number).unwrap_or_default()) }
    }
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

    /// As [`After::numbered`]; a cursor of another list points behind every row there is.
    pub(super) fn number_before(self) -> Option<i64> {
        self.after.map(|after| i64::try_from(after.id.as_u128()).unwrap_or(i64::MAX))
    }

    pub(super) fn id_before(self) -> Option<Uuid> {
        self.after.map(|after| after.id)
    }
}
