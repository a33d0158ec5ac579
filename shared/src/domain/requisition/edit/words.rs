//! An edit in words, for the history.

use crate::domain::requisition::{Dossier, Line, Requisition, Submission};
use chrono::{DateTime, Utc};

impl Dossier {
    /// In words: what it asked for before, and asks for now. The purpose itself stays out of the history.
    pub(super) fn difference(&self, submission: &Submission) -> String {
        let Requisition { purpose, period, .. } = &self.requisition;
        let mut told = Vec::new();
        if *purpose != submission.purpose {
            told.push("another purpose".to_owned());
        }
        for (word, was, is) in [
            ("starts", period.starts_at, submission.period.starts_at),
            ("due", period.due_at, submission.period.due_at),
        ] {
            if was != is {
                told.push(format!("{word} {} instead of {}", minute(is), minute(was)));
            }
        }
        let kept = self.kept_lines(&submission.lines);
        let is_kept = |line: &Line| kept.iter().flatten().any(|kept| kept.id == line.id);
        let without: Vec<_> = self.standing_lines().filter(|line| !is_kept(line)).map(|line| line.position).collect();
        if !without.is_empty() {
            told.push(format!("without line {}", listed(&without)));
        }
        let added = kept.iter().filter(|kept| kept.is_none()).count();
        if added > 0 {
            told.push(format!("{added} {} added", if added == 1 { "line" } else { "lines" }));
        }
        told.join("; ")
    }
}

fn minute(moment: DateTime<Utc>) -> impl std::fmt::Display {
    moment.format("%F %R UTC")
}

fn listed(positions: &[i32]) -> String {
    positions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
