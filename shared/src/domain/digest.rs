//! When a person's digest is due: once a day of the lab, at the hour that they chose.

use super::lab_day::{day_of, first_moment};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use std::fmt;

/// A full hour of the lab's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestHour(u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an hour of the day, from 0 to 23")]
pub struct DigestHourError;

impl DigestHour {
    /// # Errors
    /// Unless the day has this hour.
    pub fn parse(hour: i64) -> Result<Self, DigestHourError> {
        u8::try_from(hour).ok().filter(|hour| *hour < 24).map(Self).ok_or(DigestHourError)
    }

    /// Takes an hour that the schema has checked.
    pub fn from_stored(hour: i16) -> Self {
        Self::parse(hour.into()).unwrap_or_default()
    }

    pub fn number(self) -> u8 {
        self.0
    }
}

impl Default for DigestHour {
    fn default() -> Self {
        Self(8)
    }
}

impl fmt::Display for DigestHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:00", self.0)
    }
}

/// The first time at the hour since something waits, on a day that has had no digest.
pub fn due(waiting_since: DateTime<Utc>, last_day: Option<NaiveDate>, hour: DigestHour, zone: Tz) -> DateTime<Utc> {
    let mut day = day_of(waiting_since, zone);
    if let Some(free) = last_day.and_then(|last| last.checked_add_days(Days::new(1))) {
        day = day.max(free);
    }
    let today = instant(day, hour, zone);
    if today >= waiting_since { today } else { instant(day + Days::new(1), hour, zone) }
}

/// An hour that occurs twice counts once, the first time; one that is skipped is over when the clock has jumped.
pub(super) fn instant(day: NaiveDate, hour: DigestHour, zone: Tz) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour.0.into(), 0, 0).expect("an hour of the day");
    first_moment(day.and_time(time), zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    const LISBON: Tz = Tz::Europe__Lisbon;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn at(hour: i64) -> DigestHour {
        DigestHour::parse(hour).unwrap()
    }

    fn told(since: &str, last: Option<&str>, hour: i64) -> String {
        due(moment(since), last.map(|day| day.parse().unwrap()), at(hour), LISBON).to_rfc3339()
    }

    #[test]
    fn it_is_due_today_if_the_hour_is_still_to_come_and_else_tomorrow() {
        assert_eq!(told("2026-01-10T07:59:59Z", None, 8), "2026-01-10T08:00:00+00:00");
        assert_eq!(told("2026-01-10T08:00:01Z", None, 8), "2026-01-11T08:00:00+00:00");
    }

    #[test]
    fn a_day_that_has_had_its_digest_gets_no_second_one_whatever_the_hour_is_now() {
        assert_eq!(told("2026-01-10T09:00:00Z", Some("2026-01-10"), 18), "2026-01-11T18:00:00+00:00");
        assert_eq!(told("2026-01-12T09:00:00Z", Some("2026-01-10"), 18), "2026-01-12T18:00:00+00:00");
    }

    #[test]
    fn the_hour_is_the_labs_in_summer_too_and_the_day_is_the_labs_day() {
        assert_eq!(told("2026-07-10T06:00:00Z", None, 8), "2026-07-10T07:00:00+00:00");
        assert_eq!(told("2026-07-10T23:30:00Z", None, 0), "2026-07-11T23:00:00+00:00");
    }

    #[test]
    fn an_hour_that_the_clock_skips_gives_one_digest_when_it_has_jumped() {
        // On 29 March 2026 Lisbon's clocks go from 01:00 to 02:00, at 01:00 UTC.
        assert_eq!(told("2026-03-28T12:00:00Z", Some("2026-03-28"), 1), "2026-03-29T01:00:00+00:00");
        assert_eq!(told("2026-03-29T01:00:01Z", Some("2026-03-29"), 1), "2026-03-30T00:00:00+00:00");
    }

    #[test]
    fn an_hour_that_occurs_twice_gives_one_digest_the_first_time() {
        // On 25 October 2026 Lisbon has 01:00 at 00:00 UTC and again at 01:00 UTC.
        assert_eq!(told("2026-10-24T12:00:00Z", None, 1), "2026-10-25T00:00:00+00:00");
        assert_eq!(told("2026-10-25T00:30:00Z", Some("2026-10-25"), 1), "2026-10-26T01:00:00+00:00");
    }

    #[test]
    fn a_day_has_twenty_four_hours_to_choose_from() {
        assert_eq!(
            [-1, 0, 23, 24, i64::MAX].map(|hour| DigestHour::parse(hour).is_ok()),
            [false, true, true, false, false]
        );
    }

    proptest! {
        /// Whoever sends when it is due and then asks again sends on another day each time, and never waits two days.
        #[test]
        fn there_is_one_digest_a_day_over_years_in_any_zone(
            start in 1_700_000_000_i64..1_900_000_000,
            hour in 0..24_i64,
            zone in prop::sample::select(&[LISBON, Tz::America__St_Johns, Tz::Australia__Lord_Howe, Tz::Africa__Cairo][..]),
        ) {
            let mut now = DateTime::from_timestamp(start, 0).unwrap();
            let mut last = None;
            for _ in 0..400 {
                let next = due(now, last, at(hour), zone);
                prop_assert!(next >= now && next - now <= TimeDelta::hours(49), "{now} {next}");
                let day = day_of(next, zone);
                prop_assert!(last.is_none_or(|last| day > last), "{day} {last:?}");
                (now, last) = (next, Some(day));
            }
        }
    }
}
