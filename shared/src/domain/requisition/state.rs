//! What a requisition, a line and a loan are, and in which states they can be.

use super::{Decided, Endorsed, ReturnReport};
use crate::domain::{
    approval::{Stage, Verdict},
    id::{EquipmentId, LineId, LoanId, ModelId, ProjectId, RequisitionId, UserId},
    inventory::SnipeitUserId,
    loan_watch::Watch,
    reason::Reason,
    text_enum::text_enum,
};
use chrono::{DateTime, Duration, NaiveDateTime, Utc};

/// Lines in one requisition.
pub const MAX_LINES: usize = 20;
/// Units in one line; the schema holds the same number.
pub const MAX_QUANTITY: i32 = 50;
/// Longest time from start to due date.
pub const LONGEST_LOAN: Duration = Duration::days(366);
/// How far a period may start in the past: clocks differ, forms take a while to fill in.
const START_TOLERANCE: Duration = Duration::minutes(10);

text_enum! {
    /// Computed from lines, loans and operations by [`status_of`](super::status_of).
    pub enum RequisitionStatus {
        /// Recorded; a line waits for a decision and nothing is out yet, or no decision is needed and nothing is out yet.
        Pending = "pending",
        /// Somebody said yes, or nobody had to and it waits at the counter; nothing is out yet.
        Approved = "approved",
        /// Something was handed over at the counter that Snipe-IT has not confirmed yet; nothing is back.
        HandedOver = "handed_over",
        /// Some units are out; others are still to come or to be decided, or failed.
        PartlyCheckedOut = "partly_checked_out",
        CheckedOut = "checked_out",
        /// Some units are back; others are out, still to come or to be decided.
        PartlyReturned = "partly_returned",
        Returned = "returned",
        Rejected = "rejected",
        Cancelled = "cancelled",
        /// No unit could be given.
        Failed = "failed",
        /// Something is unknown or with a person.
        Attention = "attention",
    }
}

text_enum! {
    pub enum LineStatus {
        Pending = "pending",
        Approved = "approved",
        Rejected = "rejected",
        Cancelled = "cancelled",
        /// An edit took it out before anybody decided.
        Withdrawn = "withdrawn",
        /// Nobody decided before its period was over.
        Lapsed = "lapsed",
    }
}

text_enum! {
    /// One unit given for a line.
    pub enum LoanStatus {
        /// The unit is kept for this loan.
        Promised = "promised",
        /// A technician gave it to the borrower; Snipe-IT is yet to say so.
        HandedOver = "handed_over",
        /// Snipe-IT says that the borrower holds it.
        CheckedOut = "checked_out",
        /// Snipe-IT says that our tenure is over.
        Returned = "returned",
        /// It could not be checked out.
        Failed = "failed",
        /// Not wanted or not granted any more.
        Released = "released",
    }
}

impl LoanStatus {
    /// Whether the unit is away, as far as we know: with its borrower, or on its way back into the records.
    pub fn is_out(self) -> bool {
        match self {
            Self::HandedOver | Self::CheckedOut => true,
            Self::Promised | Self::Returned | Self::Failed | Self::Released => false,
        }
    }
}

/// `R-2026-000123`: the requisition's name among people, given by the database when it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequisitionNumber(pub String);

impl std::fmt::Display for RequisitionNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What it is for: 1 to 2000 characters that say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PurposeRefused {
    #[error("say in a few words what the equipment is for")]
    Empty,
    #[error("say it in at most 2000 characters")]
    TooLong,
    #[error("leave out control characters")]
    ControlCharacter,
}

impl Purpose {
    pub fn parse(text: &str) -> Result<Self, PurposeRefused> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PurposeRefused::Empty);
        }
        if text.chars().count() > 2000 {
            return Err(PurposeRefused::TooLong);
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(PurposeRefused::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// From when until when, as instants; the start belongs to it, the end does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub starts_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodRefused {
    #[error("the period starts in the past; leave it out to start now")]
    StartsInThePast,
    #[error("the equipment would be due before or at its start; choose a later due date")]
    DueBeforeStart,
    #[error("the due date is in the past; choose a later one")]
    DueInThePast,
    #[error("the period is longer than 366 days; choose an earlier due date")]
    TooLong,
    #[error("the period lies more than 366 days ahead; ask again nearer to it")]
    TooFarAhead,
}

impl Period {
    /// `starts_at` left out means now.
    pub fn parse(
        starts_at: Option<DateTime<Utc>>,
        due_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self, PeriodRefused> {
        let starts_at = starts_at.unwrap_or(now);
        if starts_at < now - START_TOLERANCE {
            return Err(PeriodRefused::StartsInThePast);
        }
        if due_at <= now {
            return Err(PeriodRefused::DueInThePast);
        }
        if due_at <= starts_at {
            return Err(PeriodRefused::DueBeforeStart);
        }
        if starts_at - now > LONGEST_LOAN {
            return Err(PeriodRefused::TooFarAhead);
        }
        if due_at - starts_at > LONGEST_LOAN {
            return Err(PeriodRefused::TooLong);
        }
        Ok(Self { starts_at, due_at })
    }

    /// Whether some moment belongs to both: the start does, the end does not.
    pub fn overlaps(self, other: Self) -> bool {
        self.starts_at < other.due_at && other.starts_at < self.due_at
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requisition {
    pub id: RequisitionId,
    /// `None` until the database has given one.
    pub number: Option<RequisitionNumber>,
    pub project_id: ProjectId,
    pub requester_id: UserId,
    pub purpose: Purpose,
    pub period: Period,
    pub status: RequisitionStatus,
    pub decided_by: Option<UserId>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decision_reason: Option<String>,
    /// Who decides next; `None`: nothing waits.
    pub waiting_for: Option<Stage>,
    /// Since when what waits now has waited, by the lab's time; `None`: nothing waits.
    pub waiting_since: Option<DateTime<Utc>>,
    /// When those who decide next were reminded; a new stage begins without.
    pub reminded_at: Option<DateTime<Utc>>,
    pub endorsed: Option<Endorsed>,
    /// What the rules said when it was submitted, or edited last; `None`: it is older than they are.
    pub approval_reason: Option<Reason>,
    /// How often it was edited.
    pub edits: i32,
    /// Whoever did, each once. As little as its requester do they decide it.
    pub editors: Vec<UserId>,
    /// Of what people read before they edit or decide it, as an answer's `ETag` tells.
    pub edition: i32,
    /// Of the row.
    pub version: i32,
}

/// One thing that was asked for. What it asks for never changes: an edit withdraws it and adds another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: LineId,
    pub requisition_id: RequisitionId,
    /// From 1, in the order in which they were asked for.
    pub position: i32,
    pub model_id: ModelId,
    /// `None`: any unit of the model.
    pub equipment_id: Option<EquipmentId>,
    pub quantity: i32,
    pub status: LineStatus,
    /// What the rules said when it was submitted, or edited last; `None`: it is older than they are.
    pub verdict: Option<Verdict>,
    /// `None` while it waits, and where nobody had to decide.
    pub decided: Option<Decided>,
    pub version: i32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    pub id: LoanId,
    pub requisition_id: RequisitionId,
    pub line_id: LineId,
    pub equipment_id: EquipmentId,
    pub borrower_id: UserId,
    pub status: LoanStatus,
    /// As planned; lateness never rewrites it.
    pub period: Period,
    /// When and by whom it was handed over, if it was collected at the counter.
    pub handed_over_at: Option<DateTime<Utc>>,
    pub handed_over_by: Option<UserId>,
    pub checked_out_at: Option<DateTime<Utc>>,
    pub returned_at: Option<DateTime<Utc>>,
    /// The tenure in Snipe-IT, known once checked out.
    pub snipeit_user_id: Option<SnipeitUserId>,
    pub fingerprint: Option<NaiveDateTime>,
    pub failure: Option<String>,
    /// How it comes back, since somebody has asked for its return.
    pub returned_as: Option<ReturnReport>,
    /// What was told of its due date.
    pub watch: Watch,
    /// Who brought it back while nobody knew yet what became of its check-out: it is checked in as soon as that is known.
    pub return_wished_by: Option<UserId>,
    /// The loan whose unit it took the place of at the counter: the same borrower, the same line, the same period.
    pub instead_of: Option<LoanId>,
    /// When another unit took its unit's place. From then on the borrower does not have it, whatever Snipe-IT says yet.
    pub replaced_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl Loan {
    /// Whether the borrower has the unit, as far as we know.
    pub fn is_with_borrower(&self) -> bool {
        self.status.is_out() && self.replaced_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    const NOW: &str = "2026-11-23T10:00:00Z";

    #[test]
    fn a_period_without_a_start_starts_now() {
        let period = Period::parse(None, at("2026-11-24T10:00:00Z"), at(NOW)).unwrap();
        assert_eq!(period.starts_at, at(NOW));
    }

    #[test]
    fn a_period_that_makes_no_sense_is_refused_with_the_reason() {
        let parse = |start: Option<&str>, due: &str| Period::parse(start.map(at), at(due), at(NOW)).unwrap_err();
        assert_eq!(parse(Some("2026-11-22T10:00:00Z"), "2026-11-24T10:00:00Z"), PeriodRefused::StartsInThePast);
        assert_eq!(parse(Some("2026-11-25T10:00:00Z"), "2026-11-24T10:00:00Z"), PeriodRefused::DueBeforeStart);
        assert_eq!(parse(Some("2026-11-23T09:55:00Z"), "2026-11-23T09:59:00Z"), PeriodRefused::DueInThePast);
        assert_eq!(parse(None, "2029-11-24T10:00:00Z"), PeriodRefused::TooLong);
        assert_eq!(parse(Some("2028-11-25T10:00:00Z"), "2028-11-26T10:00:00Z"), PeriodRefused::TooFarAhead);
    }

    #[test]
    fn a_purpose_must_say_something() {
        assert_eq!(Purpose::parse("  \n").unwrap_err(), PurposeRefused::Empty);
        assert_eq!(Purpose::parse("a\u{0}b").unwrap_err(), PurposeRefused::ControlCharacter);
        assert_eq!(Purpose::parse(&"x".repeat(2001)).unwrap_err(), PurposeRefused::TooLong);
        assert_eq!(Purpose::parse(" robot arm ").unwrap().as_str(), "robot arm");
    }
}
