//! Rows of Snipe-IT's that this version cannot understand: what they show is in no cache, and what was known of them stays
//! as it was. People are told, because nobody else would notice.

use super::{
    finding::{FindingKind, NewFinding, THE_ONE_LINK},
    id::FindingId,
    text_enum::text_enum,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// So many of a kind are kept by name.
const MOST_KEPT: usize = 100;
/// So many are told in one sentence.
const MOST_TOLD: usize = 5;

text_enum! {
    pub enum RowKind {
        Asset = "asset",
        Model = "model",
        Label = "label",
        User = "user",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableRow {
    pub of: RowKind,
    /// `None`: not even that could be read.
    pub id: Option<i64>,
    /// What it lacks.
    pub what: String,
}

/// Each row once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableRows {
    pub count: usize,
    /// Some of them.
    rows: Vec<UnreadableRow>,
}

impl UnreadableRows {
    pub fn note(&mut self, of: RowKind, id: Option<i64>, what: &str) {
        let row = UnreadableRow { of, id, what: what.to_owned() };
        if id.is_some() && self.knows(&row) {
            return;
        }
        self.count += 1;
        if self.rows.iter().filter(|row| row.of == of).count() < MOST_KEPT {
            self.rows.push(row);
        }
    }

    /// What else a part of the lists has shown; those that are known already are no others.
    pub fn extend(&mut self, part: &Self) {
        for row in part.rows.iter().filter(|row| !self.knows(row)).cloned().collect::<Vec<_>>() {
            self.note(row.of, row.id, &row.what);
        }
    }

    /// Whether nothing new is in `part`; of more rows than are kept nobody can tell.
    pub fn covers(&self, part: &Self) -> bool {
        self.count > self.rows.len() || part.rows.iter().all(|row| self.knows(row))
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One of these, for who wants to know what they lack.
    pub fn find_first(&self, of: RowKind) -> Option<&UnreadableRow> {
        self.rows.iter().find(|row| row.of == of)
    }

    pub fn finding(&self) -> NewFinding {
        NewFinding {
            id: FindingId::generate(),
            kind: FindingKind::RowsUnreadable,
            subject_id: THE_ONE_LINK,
            requisition_id: None,
            summary: self.summary(),
            evidence: json!(self),
        }
    }

    fn summary(&self) -> String {
        let name = |row: &UnreadableRow| match row.id {
            Some(id) => format!("{} {id} ({})", row.of, row.what),
            None => format!("a {} without a number ({})", row.of, row.what),
        };
        let told: Vec<String> = self.rows.iter().take(MOST_TOLD).map(name).collect();
        let more = match self.count - told.len() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        format!("Snipe-IT shows what cannot be understood: {}{more}", told.join(", "))
    }

    fn knows(&self, row: &UnreadableRow) -> bool {
        self.rows.iter().any(|known| (known.of, known.id) == (row.of, row.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(ids: std::ops::Range<i64>) -> UnreadableRows {
        let mut rows = UnreadableRows::default();
        ids.for_each(|id| rows.note(RowKind::Asset, Some(id), "no model"));
        rows
    }

    #[test]
    fn each_row_counts_once_and_some_are_named() {
        let mut rows = assets(1..3);
        rows.note(RowKind::Asset, Some(1), "no model");
        rows.note(RowKind::Model, Some(1), "no name");
        rows.note(RowKind::Label, None, "no number");
        assert_eq!(
            rows.finding().summary,
            "Snipe-IT shows what cannot be understood: asset 1 (no model), asset 2 (no model), model 1 (no name), \
             a label without a number (no number)"
        );
        let many = assets(0..700);
        assert_eq!((many.count, many.rows.len()), (700, MOST_KEPT));
        assert!(many.finding().summary.ends_with("asset 4 (no model), and 695 more"));
    }

    #[test]
    fn a_part_that_shows_what_is_known_tells_nothing_new() {
        let known = assets(1..4);
        assert!(known.covers(&assets(2..4)));
        assert!(!known.covers(&assets(3..5)));
        assert!(assets(0..700).covers(&assets(900..901)));
        let mut both = known.clone();
        both.extend(&assets(3..5));
        assert_eq!(both, assets(1..5));
    }
}
