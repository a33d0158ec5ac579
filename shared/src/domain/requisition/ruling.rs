//! What is decided about one line. What was asked for stays in the line; what is granted stands beside it.

use super::Line;
use crate::domain::id::{LineId, ModelId, UserId};
use chrono::{DateTime, Utc};

/// One line's part of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    pub line_id: LineId,
    /// `None`: rejected.
    pub granted: Option<Granted>,
    /// Why, if not for the reason of the whole decision.
    pub reason: Option<String>,
}

/// What is given for a line: possibly fewer units, or another model, than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    pub model_id: ModelId,
    pub quantity: i32,
    /// By whoever asked or whoever decided; then no other unit takes the place of one that cannot be had.
    pub units_are_named: bool,
}

/// A ruling as it stays with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub by: UserId,
    /// The lab's time.
    pub at: DateTime<Utc>,
    /// `None`: rejected.
    pub granted: Option<Granted>,
    pub reason: Option<String>,
}

impl Line {
    /// Everything that was asked for.
    pub fn as_asked(&self) -> Granted {
        Granted { model_id: self.model_id, quantity: self.quantity, units_are_named: self.equipment_id.is_some() }
    }

    /// What is given for the line; as asked for where nobody had to decide.
    pub fn granted(&self) -> Granted {
        self.decided.as_ref().and_then(|decided| decided.granted).unwrap_or_else(|| self.as_asked())
    }
}

impl Ruling {
    pub fn grant_as_asked(line: &Line) -> Self {
        Self { line_id: line.id, granted: Some(line.as_asked()), reason: None }
    }

    pub fn reject(line: &Line) -> Self {
        Self { line_id: line.id, granted: None, reason: None }
    }
}
