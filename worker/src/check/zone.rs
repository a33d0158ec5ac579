//! Whether Snipe-IT's dates, which name no zone, are meant in `SNIPEIT_TIMEZONE`.
//!
//! Reads show only what was changed before: a date in the future proves a wrong zone, and an old one says nothing. One
//! from just now fits; by chance it may be an hour old in a neighbouring zone, so it has to be very fresh, and is told.

use super::{
    evidence::NewestChange,
    report::{Check, Row},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use makerlab_shared::settings::LabSettings;

/// Zones differ by quarters of an hour; clocks by less.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);
/// Within which a change was just now.
const FRESH: TimeDelta = TimeDelta::minutes(2);

pub(super) fn judge(newest: Option<NewestChange>, zones: LabSettings) -> Row {
    let Some(newest) = newest else {
        return Row::cannot_tell(Check::TimeZone, "no asset could be read", "See assets.view first.");
    };
    match newest.at {
        None => cannot_tell("there is no asset that could tell"),
        Some(at) => of(at, newest.asked_at, zones),
    }
}

fn of(at: NaiveDateTime, asked_at: DateTime<Utc>, zones: LabSettings) -> Row {
    let zone = zones.snipeit_timezone;
    let meant = zone.from_local_datetime(&at);
    let ages = [meant.earliest(), meant.latest()].into_iter().flatten().map(|shown| asked_at - shown.to_utc());
    // In the gap of a clock change nothing is stored: a zone that puts it there is wrong.
    let Some(age) = ages.min_by_key(TimeDelta::abs) else {
        return wrong(format!("by {zone}, its newest change ({at}) was in an hour that did not exist"));
    };
    match age {
        future if future < -TOLERANCE => {
            wrong(format!("by {zone}, its newest change lies {} minutes in the future", -future.num_minutes()))
        }
        fresh if fresh.abs() <= FRESH => Row::ok(
            Check::TimeZone,
            format!(
                "{zone} fits, if something was changed just now: the newest change is {} s old by it",
                fresh.num_seconds()
            ),
        ),
        _ => cannot_tell(&format!("the newest change is not fresh enough to tell whether {zone} is right")),
    }
}

fn wrong(seen: String) -> Row {
    Row::wrong(Check::TimeZone, seen, "Set SNIPEIT_TIMEZONE to APP_TIMEZONE of Snipe-IT's .env.")
}

fn cannot_tell(seen: &str) -> Row {
    Row::cannot_tell(
        Check::TimeZone,
        seen,
        "Save any asset in Snipe-IT and check again at once; else the first check-out tells, and a wrong zone stops all \
         calls.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;
    use chrono_tz::{Europe::Lisbon, Tz, UTC};

    fn judged(at: &str, asked_at: &str, snipeit_timezone: Tz) -> State {
        let zones = LabSettings { lab_timezone: Lisbon, snipeit_timezone };
        of(at.parse().unwrap(), asked_at.parse().unwrap(), zones).state
    }

    #[test]
    fn the_future_proves_a_wrong_zone_a_fresh_date_fits_and_an_old_one_says_nothing() {
        // Summer: Lisbon is an hour ahead of UTC.
        for (at, zone, state) in [
            ("2026-07-01T13:58:00", Lisbon, State::Ok),
            ("2026-07-01T13:58:00", UTC, State::Wrong),
            ("2026-07-01T12:58:00", UTC, State::Ok),
            ("2026-07-01T12:58:00", Lisbon, State::CannotTell),
            ("2026-07-01T14:01:00", Lisbon, State::Ok),
            ("2026-07-01T14:05:00", Lisbon, State::CannotTell),
            // In a zone an hour ahead it was changed 55 minutes ago.
            ("2026-07-01T13:05:00", UTC, State::CannotTell),
            ("2026-07-01T12:55:00", UTC, State::CannotTell),
        ] {
            assert_eq!(judged(at, "2026-07-01T13:00:00Z", zone), state, "{at} {zone}");
        }
    }

    #[test]
    fn the_hour_that_occurs_twice_is_read_in_either_way_and_the_one_that_does_not_occur_in_none() {
        assert_eq!(judged("2026-10-25T01:30:00", "2026-10-25T00:31:00Z", Lisbon), State::Ok);
        assert_eq!(judged("2026-10-25T01:30:00", "2026-10-25T01:31:00Z", Lisbon), State::Ok);
        assert_eq!(judged("2027-03-28T01:30:00", "2027-03-28T01:31:00Z", Lisbon), State::Wrong);
    }
}
