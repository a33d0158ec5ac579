//! What is known of one unit: as Snipe-IT was last seen to have it, and what is planned for it.

use crate::domain::{equipment::Unit, requisition::Period, text_enum::text_enum};
use chrono::{DateTime, Utc};

/// A unit that Snipe-IT lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPlan {
    pub unit: Unit,
    /// Its label allows lending.
    pub is_in_order: bool,
    /// Snipe-IT shows a holder.
    pub is_held: bool,
    /// When a borrower of ours last gave it back, if that matters still.
    pub last_return: Option<DateTime<Utc>>,
    /// It is kept for whoever asks, who waited for it.
    pub is_kept_for_asker: bool,
    pub occupations: Vec<Occupation>,
}

/// A period for which the unit is somebody's, as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupation {
    pub kind: OccupationKind,
    pub period: Period,
}

text_enum! {
    pub enum OccupationKind {
        /// It is out, by a loan of ours.
        Lent = "checked_out",
        /// It is kept for a loan.
        Promised = "promised",
        /// It is kept for somebody who waited for it.
        Held = "held",
    }
}

impl UnitPlan {
    /// The loan of ours by which it is out.
    pub(super) fn lent(&self) -> Option<&Occupation> {
        self.occupations.iter().find(|occupation| occupation.kind == OccupationKind::Lent)
    }
}
