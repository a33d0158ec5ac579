//! When somebody hears that a unit is due, and later that it is overdue. Days are the lab's, the hour is the borrower's.
//!
//! What is told here is written an hour before the person's digest, so that it stands in the digest of that day.

use super::{
    digest::{DigestHour, instant},
    lab_day::day_of,
};
use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;

/// Whole days from the day on which the unit is due; negative before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(i16);

/// How long before the due date nothing can happen yet, whatever the zone and the hour.
pub const QUIET_UNTIL: TimeDelta = TimeDelta::days(5);

const HEAD_START: TimeDelta = TimeDelta::hours(1);

impl Step {
    pub const ALL: [Self; 7] = [Self(-3), Self(-1), Self(0), Self(1), Self(3), Self(7), Self(14)];

    /// Takes a step that the schema has checked.
    pub fn from_stored(days: i16) -> Self {
        Self(days)
    }

    pub fn days(self) -> i16 {
        self.0
    }

    /// Before it is due, rather than after.
    pub fn is_reminder(self) -> bool {
        self.0 <= 0
    }

    /// Whether more people than the borrower hear of it.
    pub fn is_escalated(self) -> bool {
        self.0 >= 3
    }
}

/// What has been told of one loan's present due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watch {
    /// Since when it is due at that date: the check-out or the latest extension. Steps before it are over.
    pub since: Option<DateTime<Utc>>,
    /// The latest step that was told; never told again, nor any before it.
    pub told: Option<Step>,
}

/// Whose hour, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub hour: DigestHour,
    pub zone: Tz,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// This step now, the latest that is true; those missed before it are not made up for. `then`: when to look again.
    Tell {
        step: Step,
        then: Option<DateTime<Utc>>,
    },
    Wait {
        until: DateTime<Utc>,
    },
    /// No step is left.
    Over,
}

impl Watch {
    pub fn begin(since: DateTime<Utc>) -> Self {
        Self { since: Some(since), told: None }
    }

    /// What is to be told at this moment of a unit that is still out.
    pub fn next(&self, due_at: DateTime<Utc>, now: DateTime<Utc>, pace: Pace) -> Next {
        let at = |step: Step| tell_at(step, due_at, pace);
        let is_open = |step: &Step| Some(*step) > self.told && self.since.is_none_or(|since| at(*step) >= since);
        let latest = Step::ALL.into_iter().filter(is_open).rfind(|step| at(*step) <= now);
        let then = Step::ALL.into_iter().map(at).find(|at| *at > now);
        match (latest.filter(|step| !step.is_reminder() || now < due_at), then) {
            (Some(step), then) => Next::Tell { step, then },
            (None, Some(until)) => Next::Wait { until },
            (None, None) => Next::Over,
        }
    }
}

fn tell_at(step: Step, due_at: DateTime<Utc>, pace: Pace) -> DateTime<Utc> {
    // What is due at midnight is due on the day that ends then.
    let due_day = day_of(due_at - TimeDelta::microseconds(1), pace.zone);
    let days = Days::new(step.0.unsigned_abs().into());
    let day = if step.0 < 0 { due_day - days } else { due_day + days };
    let at = instant(day, pace.hour, pace.zone) - HEAD_START;
    // Nothing is overdue before it is due, however early somebody wants to hear of it.
    if !step.is_reminder() && at < due_at { instant(day + Days::new(1), pace.hour, pace.zone) - HEAD_START } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LISBON: Tz = Tz::Europe__Lisbon;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn pace(hour: i64) -> Pace {
        Pace { hour: DigestHour::parse(hour).unwrap(), zone: LISBON }
    }

    fn told(due: &str, since: &str, now: &str) -> Option<i16> {
        match Watch::begin(moment(since)).next(moment(due), moment(now), pace(8)) {
            Next::Tell { step, .. } => Some(step.days()),
            Next::Wait { .. } | Next::Over => None,
        }
    }

    #[test]
    fn the_steps_come_an_hour_before_the_persons_hour_on_the_labs_days() {
        let due = moment("2026-07-10T17:00:00Z");
        let steps = Step::ALL.map(|step| tell_at(step, due, pace(8)).to_rfc3339());
        let expected = [7, 9, 10, 11, 13, 17, 24].map(|day| format!("2026-07-{day:02}T06:00:00+00:00"));
        assert_eq!(steps, expected);
    }

    #[test]
    fn days_are_whole_across_a_change_of_the_clock() {
        // On 25 October 2026 Lisbon's clocks go back: 7:00 is 06:00 UTC before and 07:00 UTC after.
        let due = moment("2026-10-26T12:00:00Z");
        assert_eq!(tell_at(Step(-3), due, pace(8)).to_rfc3339(), "2026-10-23T06:00:00+00:00");
        assert_eq!(tell_at(Step(0), due, pace(8)).to_rfc3339(), "2026-10-26T07:00:00+00:00");
    }

    #[test]
    fn what_is_due_at_the_end_of_a_day_is_due_on_that_day() {
        for due in ["2026-01-10T23:59:59Z", "2026-01-11T00:00:00Z"] {
            assert_eq!(tell_at(Step(0), moment(due), pace(8)).to_rfc3339(), "2026-01-10T07:00:00+00:00");
        }
    }

    #[test]
    fn nothing_is_called_overdue_before_it_is() {
        let due = moment("2026-01-10T23:59:00Z");
        assert_eq!(tell_at(Step(1), due, pace(0)).to_rfc3339(), "2026-01-11T23:00:00+00:00");
    }

    #[test]
    fn whoever_borrows_for_a_day_is_not_reminded_of_what_they_have_just_heard() {
        assert_eq!(told("2026-01-12T17:00:00Z", "2026-01-11T10:00:00Z", "2026-01-11T10:00:01Z"), None);
        assert_eq!(told("2026-01-12T17:00:00Z", "2026-01-11T10:00:00Z", "2026-01-12T07:00:00Z"), Some(0));
    }

    #[test]
    fn of_what_was_missed_only_the_latest_that_is_true_is_told() {
        let (due, since) = ("2026-01-12T17:00:00Z", "2026-01-01T10:00:00Z");
        assert_eq!(told(due, since, "2026-01-12T12:00:00Z"), Some(0), "not the two before it");
        assert_eq!(told(due, since, "2026-01-12T18:00:00Z"), None, "a reminder of what is late already helps nobody");
        assert_eq!(told(due, since, "2026-01-21T12:00:00Z"), Some(7));
        let all_told = Watch { told: Some(Step(14)), ..Watch::begin(moment(since)) };
        assert_eq!(all_told.next(moment(due), moment("2026-03-01T00:00:00Z"), pace(8)), Next::Over);
    }

    proptest! {
        /// However rarely somebody looks, and however the person changes their hour.
        #[test]
        fn each_step_is_told_once_in_order_and_only_while_it_is_true(
            days in 1..40_i64,
            looks in prop::collection::vec((1..60_i64, 0..24_i64), 1..60),
        ) {
            let since = moment("2026-10-01T10:00:00Z");
            let due = since + TimeDelta::days(days);
            let (mut watch, mut now) = (Watch::begin(since), since);
            for (hours, hour) in looks {
                now += TimeDelta::hours(hours);
                if let Next::Tell { step, .. } = watch.next(due, now, pace(hour)) {
                    prop_assert!(Some(step) > watch.told);
                    prop_assert_eq!(step.is_reminder(), now < due);
                    watch.told = Some(step);
                }
                if let Next::Wait { until } | Next::Tell { then: Some(until), .. } = watch.next(due, now, pace(hour)) {
                    prop_assert!(until > now);
                }
            }
        }

        /// Whoever looks whenever they were told to misses nothing that was still to come.
        #[test]
        fn a_watch_that_never_sleeps_tells_every_step(hour in 0..24_i64, minutes in 0..1440_i64) {
            let since = moment("2026-10-01T10:00:00Z");
            let due = since + TimeDelta::days(20) + TimeDelta::minutes(minutes);
            let (mut watch, mut now, mut steps) = (Watch::begin(since), since, Vec::new());
            loop {
                match watch.next(due, now, pace(hour)) {
                    Next::Tell { step, .. } => { steps.push(step); watch.told = Some(step); }
                    Next::Wait { until } => now = until,
                    Next::Over => break,
                }
            }
            let missing: Vec<_> = Step::ALL.into_iter().filter(|step| !steps.contains(step)).collect();
            // On the day itself somebody with a late hour is not reminded of what was due in the morning.
            prop_assert!(missing.iter().all(|step| step.days() == 0), "{missing:?}");
        }
    }
}
