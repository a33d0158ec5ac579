//! The `action_logs` table: what `reports/activity` answers from, indexed by asset so that a look costs no scan.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use makerlab_shared::domain::inventory::Holder;
use serde_json::Value;

/// The words stored in `action_type`; what the filter compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Checkout,
    CheckinFrom,
    Create,
    Update,
    Delete,
    Restore,
}

impl Action {
    pub fn stored(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::CheckinFrom => "checkin from",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Restore => "restore",
        }
    }

    /// The word answers show, which for `create` is another one.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Create => "create new",
            other => other.stored(),
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Checkout => "fa-solid fa-rotate-left",
            Self::CheckinFrom => "fa-solid fa-rotate-right",
            Self::Create => "fa-solid fa-plus",
            Self::Update => "fa-solid fa-pen",
            Self::Delete => "fa-solid fa-trash",
            Self::Restore => "fa-solid fa-trash-arrow-up",
        }
    }
}

/// Which hand wrote the row: the API or the web interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Api,
    Gui,
}

impl Source {
    pub fn stored(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Gui => "gui",
        }
    }
}

#[derive(Debug, Clone)]
pub struct LogRow {
    pub id: i64,
    pub action: Action,
    /// Users are logged as `Holder::User`, assets as `Holder::Asset`.
    pub item: Holder,
    pub target: Option<Holder>,
    pub note: Option<String>,
    pub meta: Option<Value>,
    pub by: i64,
    pub user_agent: Option<String>,
    pub source: Source,
    pub created_at: NaiveDateTime,
    pub action_date: NaiveDateTime,
}

#[derive(Debug, Default)]
pub struct ActivityLog {
    rows: Vec<LogRow>,
    by_item: HashMap<Holder, Vec<usize>>,
}

impl ActivityLog {
    /// Appends and numbers the row.
    pub fn append(&mut self, mut row: LogRow) {
        row.id = self.rows.len() as i64 + 1;
        self.by_item.entry(row.item).or_default().push(self.rows.len());
        self.rows.push(row);
    }

    pub(super) fn backdate(&mut self, to: NaiveDateTime) {
        for row in &mut self.rows {
            (row.created_at, row.action_date) = (to, to);
        }
    }

    /// As after a purge of the people it was lent to: the rows stay and tell of nobody.
    pub fn forget_targets(&mut self) {
        for row in &mut self.rows {
            row.target = None;
        }
    }

    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &LogRow> {
        self.rows.iter()
    }

    pub fn rows_of(&self, item: Holder) -> impl DoubleEndedIterator<Item = &LogRow> {
        self.by_item.get(&item).into_iter().flatten().map(|index| &self.rows[*index])
    }
}
