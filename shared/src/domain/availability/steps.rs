//! The steps of a window: hours from its start, or the lab's days that it touches.

use crate::domain::{
    lab_day::{day_of, start_of},
    requisition::{LONGEST_LOAN, Period},
    text_enum::text_enum,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

const MOST_DAYS: usize = 92;
const LONGEST_IN_HOURS: TimeDelta = TimeDelta::days(14);
/// Today, seen from its evening, began this long ago at most.
const PAST: TimeDelta = TimeDelta::hours(25);

text_enum! {
    pub enum StepLength {
        /// Sixty minutes, from the start of the window on.
        Hour = "hour",
        /// A day of the lab, from midnight to midnight, with 23 or 25 hours when the clocks change.
        Day = "day",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowRefused {
    #[error("must be after its start")]
    EndsBeforeStart,
    #[error("lies in the past; availability is told from today on")]
    InThePast,
    #[error("lies more than two years ahead; nothing can be promised there yet")]
    TooFarAhead,
    #[error("is more than 14 days after the start; ask for fewer hours, or in steps of days")]
    TooManyHours,
    #[error("is more than {MOST_DAYS} days after the start; ask for fewer days")]
    TooManyDays,
}

/// The window from `from` to `to` in steps; the last hour may be a shorter one.
///
/// # Errors
/// When the window cannot be told, or not in so many steps.
pub fn steps(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    length: StepLength,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Vec<Period>, WindowRefused> {
    if to <= from {
        return Err(WindowRefused::EndsBeforeStart);
    }
    if from < now - PAST {
        return Err(WindowRefused::InThePast);
    }
    if to > now + LONGEST_LOAN * 2 {
        return Err(WindowRefused::TooFarAhead);
    }
    match length {
        StepLength::Hour if to - from > LONGEST_IN_HOURS => Err(WindowRefused::TooManyHours),
        StepLength::Hour => Ok(hours(from, to)),
        StepLength::Day => {
            Some(days(from, to, zone)).filter(|days| days.len() <= MOST_DAYS).ok_or(WindowRefused::TooManyDays)
        }
    }
}

fn hours(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Period> {
    let starts = std::iter::successors(Some(from), |start| Some(*start + TimeDelta::hours(1)));
    starts
        .take_while(|start| *start < to)
        .map(|starts_at| Period { starts_at, due_at: (starts_at + TimeDelta::hours(1)).min(to) })
        .collect()
}

fn days(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Vec<Period> {
    let starts = day_of(from, zone).iter_days().map_while(|day| start_of(day, zone));
    let ends = starts.clone().skip(1);
    starts
        .zip(ends)
        .take_while(|(start, _)| *start < to)
        .map(|(starts_at, due_at)| Period { starts_at, due_at })
        .collect()
}
