//! The lab's days: instants inside, days and hours of the lab's zone at the edges. A day has 23 or 25 hours when the
//! clocks change.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// So much longer than so many times 24 hours are as many days of the lab, where the clock was put back in between.
pub const CLOCK_CHANGE: TimeDelta = TimeDelta::hours(1);

/// The lab's day at this moment.
pub fn day_of(moment: DateTime<Utc>, zone: Tz) -> NaiveDate {
    moment.with_timezone(&zone).date_naive()
}

/// The day on which Snipe-IT is to expect a unit: the lab's, whatever zone Snipe-IT's clock goes by. [`end_of`] is its way
/// back.
pub fn expected_day(due_at: DateTime<Utc>, lab: Tz) -> NaiveDate {
    day_of(due_at, lab)
}

/// The first moment of a day. `None` for a day beyond the calendar.
pub fn start_of(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    // One day of room for the zone's difference.
    day.checked_sub_days(Days::new(1))?;
    day.checked_add_days(Days::new(2))?;
    Some(first_moment(day.and_time(NaiveTime::MIN), zone))
}

/// The last second of a day: until then is "until the end of that day". `None` for a day beyond the calendar.
pub fn end_of(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    Some(start_of(day.succ_opt()?, zone)? - TimeDelta::seconds(1))
}

/// What a clock on the lab's wall shows, as a moment. A time that occurs twice counts the first time; one that is
/// skipped is over when the clock has jumped.
pub fn first_moment(mut wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    loop {
        if let Some(moment) = zone.from_local_datetime(&wall).earliest() {
            return moment.to_utc();
        }
        wall += TimeDelta::minutes(15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISBON: Tz = Tz::Europe__Lisbon;

    fn end(day: &str, zone: Tz) -> String {
        end_of(day.parse().unwrap(), zone).unwrap().to_rfc3339()
    }

    #[test]
    fn the_end_of_a_day_follows_the_clocks_of_the_lab() {
        assert_eq!(end("2026-12-01", LISBON), "2026-12-01T23:59:59+00:00");
        assert_eq!(end("2026-07-01", LISBON), "2026-07-01T22:59:59+00:00");
        assert_eq!(end("2026-03-28", LISBON), "2026-03-28T23:59:59+00:00");
        assert_eq!(end("2026-03-29", LISBON), "2026-03-29T22:59:59+00:00", "the clocks went ahead that morning");
        assert_eq!(end("2026-10-24", LISBON), "2026-10-24T22:59:59+00:00");
        assert_eq!(end("2026-10-25", LISBON), "2026-10-25T23:59:59+00:00", "the clocks went back that morning");
    }

    #[test]
    fn a_unit_that_is_due_at_the_end_of_a_day_is_expected_on_that_day_by_every_clock() {
        for day in ["2026-03-28", "2026-03-29", "2026-07-01", "2026-10-25", "2026-12-01"] {
            let day: NaiveDate = day.parse().unwrap();
            for lab in [LISBON, Tz::Pacific__Auckland, Tz::America__New_York] {
                assert_eq!(expected_day(end_of(day, lab).unwrap(), lab), day);
            }
        }
    }

    #[test]
    fn a_day_has_as_many_hours_as_the_clocks_give_it() {
        let hours = |day: &str| {
            let day: NaiveDate = day.parse().unwrap();
            (start_of(day.succ_opt().unwrap(), LISBON).unwrap() - start_of(day, LISBON).unwrap()).num_hours()
        };
        assert_eq!((hours("2026-03-29"), hours("2026-10-25"), hours("2026-05-01")), (23, 25, 24));
    }

    #[test]
    fn a_day_that_begins_without_its_midnight_begins_when_the_clock_has_jumped() {
        let day = "2026-04-24".parse().unwrap();
        assert_eq!(start_of(day, Tz::Africa__Cairo).unwrap().to_rfc3339(), "2026-04-23T22:00:00+00:00");
    }

    #[test]
    fn days_beyond_the_calendar_are_none() {
        assert_eq!(start_of(NaiveDate::MAX, LISBON), None);
        assert_eq!(start_of(NaiveDate::MIN, LISBON), None);
        assert_eq!(end_of(NaiveDate::MAX, LISBON), None);
    }
}
