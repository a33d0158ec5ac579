//! The period of a report: half-open, so that periods that follow each other share nothing and miss nothing.

use crate::domain::lab_day;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

/// From `from` on and before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportPeriod {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodRefused {
    #[error("must be a day of the lab like 2026-09-01, or a moment like 2026-09-01T08:00:00Z (`+` is written `%2B`)")]
    From,
    #[error("must be a day of the lab like 2026-10-01, or a moment like 2026-10-01T08:00:00Z (`+` is written `%2B`)")]
    To,
    #[error("must be later than `from`; the period ends before it")]
    Empty,
}

impl PeriodRefused {
    /// The parameter that cannot be used.
    pub fn field(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To | Self::Empty => "to",
        }
    }
}

impl ReportPeriod {
    /// Days are the lab's: they begin at its midnight.
    ///
    /// # Errors
    /// Which of the two cannot be used, and why.
    pub fn parse(from: &str, to: &str, zone: Tz) -> Result<Self, PeriodRefused> {
        let from = edge(from, zone).ok_or(PeriodRefused::From)?;
        let to = edge(to, zone).ok_or(PeriodRefused::To)?;
        if from < to { Ok(Self { from, to }) } else { Err(PeriodRefused::Empty) }
    }
}

fn edge(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let moment = match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(day) => lab_day::start_of(day, zone)?,
        Err(_) => DateTime::parse_from_rfc3339(text).ok()?.to_utc(),
    };
    // As far as the database and people count.
    (1990..2200).contains(&moment.year()).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISBON: Tz = Tz::Europe__Lisbon;

    fn parse(from: &str, to: &str) -> Result<(String, String), PeriodRefused> {
        let period = ReportPeriod::parse(from, to, LISBON)?;
        Ok((period.from.to_rfc3339(), period.to.to_rfc3339()))
    }

    #[test]
    fn days_begin_at_the_labs_midnight_on_both_sides_of_a_change_of_clocks() {
        let (from, to) = parse("2026-10-01", "2026-11-01").unwrap();
        assert_eq!((from.as_str(), to.as_str()), ("2026-09-30T23:00:00+00:00", "2026-11-01T00:00:00+00:00"));
        let (from, to) = parse("2026-03-29", "2026-03-30").unwrap();
        assert_eq!((from.as_str(), to.as_str()), ("2026-03-29T00:00:00+00:00", "2026-03-29T23:00:00+00:00"));
    }

    #[test]
    fn periods_that_follow_each_other_meet() {
        let (_, end) = parse("2026-09-01", "2026-10-01").unwrap();
        let (begin, _) = parse("2026-10-01", "2026-10-25T00:30:00.5Z").unwrap();
        assert_eq!(begin, end);
    }

    #[test]
    fn what_is_no_period_is_refused_by_the_parameter_that_is_wrong() {
        for (from, to, expected) in [
            ("", "2026-10-01", PeriodRefused::From),
            ("2026-02-30", "2026-10-01", PeriodRefused::From),
            ("+12026-01-01", "2026-10-01", PeriodRefused::From),
            ("0001-01-01", "2026-10-01", PeriodRefused::From),
            ("2026-09-01", "soon", PeriodRefused::To),
            ("2026-09-01", "2026-09-01T10:00:00 01:00", PeriodRefused::To),
            ("2026-09-01", "2026-09-01", PeriodRefused::Empty),
            ("2026-09-02", "2026-09-01", PeriodRefused::Empty),
        ] {
            assert_eq!(parse(from, to), Err(expected), "{from} {to}");
            assert!(["from", "to"].contains(&expected.field()));
        }
    }
}
