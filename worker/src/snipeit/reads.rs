//! How anything is read: one exchange, classified, parsed, recorded. A read gives a value or a `ReadFailure`;
//! it never guesses.

use chrono::NaiveDateTime;
use serde_json::Value;

use super::http::{Call, Heard};
use super::outcome;
use super::seen::{CallSeen, Read, ReadFailure, ReadFailureKind};
use super::wire::{self, Malformed};
use super::{SnipeIt, classify, rows};

/// Snipe-IT's own maximum (`MAX_RESULTS`); it silently gives fewer where the server says so.
pub const PAGE_SIZE: u32 = 500;

/// A page of a list. `total` counts the whole list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub total: u64,
    pub rows: Vec<T>,
    /// Rows that exist but could not be understood: they are not gone.
    pub unreadable: Vec<Unreadable>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub id: Option<i64>,
    pub what: String,
    /// If at least that can be read. Wall time of the server.
    pub updated_at: Option<NaiveDateTime>,
}

impl<T> Page<T> {
    /// The page that follows, in one with this. A list that became shorter meanwhile ends here.
    pub fn append(&mut self, next: Self) {
        let came = next.rows.len() + next.unreadable.len();
        self.total = if came == 0 { (self.rows.len() + self.unreadable.len()) as u64 } else { next.total };
        self.rows.extend(next.rows);
        self.unreadable.extend(next.unreadable);
    }

    /// Where the next page starts, if there is one. Goes by what came, not by what was asked for.
    pub fn next_offset(&self, offset: u64) -> Option<u64> {
        let came = (self.rows.len() + self.unreadable.len()) as u64;
        let next = offset + came;
        (came > 0 && next < self.total).then_some(next)
    }

    /// All rows of a list in which a row that cannot be read could be the one that matters.
    pub(super) fn complete(self, endpoint: &str) -> Result<Vec<T>, ReadFailureKind> {
        if self.next_offset(0).is_some() {
            return Err(malformed(endpoint, "the list is longer than its page"));
        }
        match self.unreadable.first() {
            None => Ok(self.rows),
            Some(row) => Err(malformed(endpoint, &row.what)),
        }
    }
}

impl SnipeIt {
    pub(super) async fn read<T>(
        &self,
        name: &'static str,
        call: Call,
        parse: impl FnOnce(&Value) -> Result<T, Malformed>,
    ) -> Result<Read<T>, ReadFailure> {
        let endpoint = call.endpoint();
        self.ask(name, call, |heard| parse(&classify::read_value(heard)?).map_err(|what| malformed(&endpoint, &what)))
            .await
    }

    pub(super) async fn read_page<T>(
        &self,
        name: &'static str,
        call: Call,
        row: fn(&Value) -> Result<T, Malformed>,
    ) -> Result<Read<Page<T>>, ReadFailure> {
        let endpoint = call.endpoint();
        self.ask(name, call, |heard| page(heard, &endpoint, row)).await
    }

    /// A short list of which every row counts.
    pub(super) async fn read_all<T>(
        &self,
        name: &'static str,
        call: Call,
        row: fn(&Value) -> Result<T, Malformed>,
    ) -> Result<Read<Vec<T>>, ReadFailure> {
        let endpoint = call.endpoint();
        self.ask(name, call, |heard| page(heard, &endpoint, row)?.complete(&endpoint)).await
    }

    async fn ask<T>(
        &self,
        name: &'static str,
        call: Call,
        parse: impl FnOnce(&Heard) -> Result<T, ReadFailureKind>,
    ) -> Result<Read<T>, ReadFailure> {
        let exchange = self.exchange(call).await;
        let result = parse(&exchange.heard);
        finish(name, result, exchange.seen)
    }
}

/// Notes a read in span and metrics and hands it over.
pub(super) fn finish<T>(
    name: &'static str,
    result: Result<T, ReadFailureKind>,
    seen: CallSeen,
) -> Result<Read<T>, ReadFailure> {
    outcome::record(name, outcome::of_read(&result), &seen);
    match result {
        Ok(value) => Ok(Read { value, seen }),
        Err(kind) => Err(ReadFailure { kind, seen }),
    }
}

fn page<T>(heard: &Heard, endpoint: &str, row: fn(&Value) -> Result<T, Malformed>) -> Result<Page<T>, ReadFailureKind> {
    if let Some(page) = classify::whole_body(heard).and_then(|body| rows::read(body, row)) {
        return Ok(page);
    }
    let body = classify::read_value(heard).map_err(a_list_is_always_there)?;
    wire::page(&body, row).map_err(|what| malformed(endpoint, &what))
}

/// An empty list has no rows; an error in place of a list says nothing about what exists.
fn a_list_is_always_there(kind: ReadFailureKind) -> ReadFailureKind {
    match kind {
        ReadFailureKind::NotFound { message } => ReadFailureKind::Trouble { what: message },
        other => other,
    }
}

/// Versions of Snipe-IT differ by fields: whoever reads this has to know which of which answer.
fn malformed(endpoint: &str, what: &str) -> ReadFailureKind {
    ReadFailureKind::Malformed { what: format!("{endpoint}: {what}") }
}
