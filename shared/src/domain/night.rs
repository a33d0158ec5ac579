//! The lab's nights: once in each, Snipe-IT's whole catalogue is compared with the cache.

use super::lab_day;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

/// When the lab sleeps. In most zones the clocks change at two or three, so this hour is there each day; where it is not,
/// the night begins when the clock has jumped.
const HOUR: NaiveTime = NaiveTime::from_hms_opt(3, 0, 0).expect("an hour of the day");

/// The lab's day whose night has begun last.
pub fn night_of(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let today = lab_day::day_of(now, zone);
    if begin_of(today, zone) <= now { today } else { today - Days::new(1) }
}

/// When the next night begins.
pub fn next_night(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    begin_of(night_of(now, zone) + Days::new(1), zone)
}

fn begin_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    lab_day::first_moment(day.and_time(HOUR), zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America::Santiago, Asia::Amman, Europe::Berlin, Europe::Lisbon};
    use proptest::prelude::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_night_belongs_to_the_day_in_which_it_begins() {
        let of = |now: &str| night_of(utc(now), Lisbon).to_string();
        assert_eq!(of("2026-01-10T02:59:59Z"), "2026-01-09");
        assert_eq!(of("2026-01-10T03:00:00Z"), "2026-01-10");
        assert_eq!(of("2026-01-11T00:30:00Z"), "2026-01-10");
    }

    #[test]
    fn the_next_night_follows_the_clocks_of_the_lab() {
        let next = |now: &str, zone| next_night(utc(now), zone).to_rfc3339();
        assert_eq!(next("2026-01-10T03:00:00Z", Lisbon), "2026-01-11T03:00:00+00:00");
        assert_eq!(next("2026-03-28T12:00:00Z", Lisbon), "2026-03-29T02:00:00+00:00", "an hour was skipped");
        assert_eq!(next("2026-10-24T12:00:00Z", Lisbon), "2026-10-25T03:00:00+00:00", "an hour came twice");
        assert_eq!(next("2026-03-28T12:00:00Z", Berlin), "2026-03-29T01:00:00+00:00");
        assert_eq!(next("2026-10-24T12:00:00Z", Berlin), "2026-10-25T02:00:00+00:00");
    }

    proptest! {
        /// Whoever compares each time when the next night begins compares once for each day, whatever the clocks do.
        #[test]
        fn each_day_has_one_night(
            start in 0..20_000_i64,
            zone in prop::sample::select(vec![Lisbon, Berlin, Santiago, Amman]),
        ) {
            let mut now = utc("2020-01-01T00:00:00Z") + chrono::TimeDelta::hours(start);
            for _ in 0..400 {
                let next = next_night(now, zone);
                prop_assert!(next > now);
                prop_assert_eq!(night_of(next, zone), night_of(now, zone) + Days::new(1));
                prop_assert_eq!(night_of(next - chrono::TimeDelta::seconds(1), zone), night_of(now, zone));
                now = next;
            }
        }
    }
}
