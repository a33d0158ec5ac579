//! Collecting everything that is wrong with an input, so that people mend it in one go.

use crate::problem::{FieldError, Problem};
use std::fmt::Display;

#[derive(Debug, Default)]
pub(crate) struct Invalid(Vec<FieldError>);

impl Invalid {
    /// Keeps the value, or notes why there is none.
    pub(crate) fn check<T, E: Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(field, error.to_string());
                None
            }
        }
    }

    pub(crate) fn note(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), detail: detail.into() });
    }

    /// The problem, if anything was noted.
    pub(crate) fn into_result(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// How long a text may be and whether it may have several lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextRule {
    pub(crate) least: usize,
    pub(crate) most: usize,
    pub(crate) lines: Lines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    One,
    Several,
}

impl TextRule {
    pub(crate) const fn line(least: usize, most: usize) -> Self {
        Self { least, most, lines: Lines::One }
    }

    pub(crate) const fn paragraph(least: usize, most: usize) -> Self {
        Self { least, most, lines: Lines::Several }
    }

    /// Blanks around it do not count. PostgreSQL cannot hold NUL, and nobody needs the other control characters.
    pub(crate) fn parse(self, text: &str) -> Result<String, String> {
        let text = text.trim();
        let is_break = |c: char| self.lines == Lines::Several && matches!(c, '\n' | '\r' | '\t');
        if text.chars().any(|c| c.is_control() && !is_break(c)) {
            return Err("contains a control character".to_owned());
        }
        match text.chars().count() {
            length if length < self.least => Err(format!("must have at least {} characters", self.least)),
            length if length > self.most => Err(format!("must have at most {} characters", self.most)),
            _ => Ok(text.to_owned()),
        }
    }
}
