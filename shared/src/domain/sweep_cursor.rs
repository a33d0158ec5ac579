//! From where a sweep goes on: behind the newest change that was read, and never later than the last sweep itself.
//!
//! Snipe-IT's dates have whole seconds and need not be true: an asset may be dated ahead, and its clock may be set back.

use super::{drift::SnipeitClock, operation::is_repeated_hour};
use chrono::{DateTime, Duration, NaiveDateTime, Utc};

/// Rows of the cursor's second, and of the one before if a slow transaction was in between.
const OVERLAP: Duration = Duration::seconds(2);
/// Snipe-IT's clock is known no better than this.
const CLOCK_ERROR: Duration = Duration::seconds(5);

/// Both are wall time of the Snipe-IT server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepCursor {
    /// Rows of this second and later count as changed.
    pub since: NaiveDateTime,
    /// A page with a row that is no newer than this reaches back to what was read before.
    pub border: NaiveDateTime,
}

impl SweepCursor {
    /// `swept_to`: the newest change that was read; `swept_at`: when it was asked for, by our clock; `clock`: Snipe-IT's when
    /// it was furthest behind ours since then.
    pub fn behind(swept_to: NaiveDateTime, swept_at: DateTime<Utc>, clock: SnipeitClock) -> Self {
        let asked_at = clock.wall(swept_at) - CLOCK_ERROR;
        let newest = swept_to.min(asked_at);
        // In the hour that occurs twice, dates go back by up to an hour.
        let back = if is_repeated_hour(newest, clock.zone) { Duration::hours(1) } else { Duration::zero() };
        let cursor = newest - back;
        // The cursor's own second was read to its end if it was over by then: a whole lab imported in one second must not
        // be paged through each time.
        let was_over = clock.instant(cursor).is_some_and(|at| at + CLOCK_ERROR < swept_at);
        Self { since: cursor - OVERLAP, border: if was_over { cursor } else { cursor - OVERLAP } }
    }
}

/// Up to where a read went that showed changes of these dates; what is dated ahead of the read says nothing about it.
pub fn newest_change(
    dates: impl Iterator<Item = NaiveDateTime>,
    asked_at: DateTime<Utc>,
    clock: SnipeitClock,
) -> Option<NaiveDateTime> {
    let latest = clock.wall(asked_at) + CLOCK_ERROR;
    dates.map(|date| date.min(latest)).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Lisbon;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn naive(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn clock() -> SnipeitClock {
        SnipeitClock { zone: Lisbon, offset: Duration::zero(), lab: Lisbon }
    }

    fn behind(swept_to: &str, swept_at: &str) -> (NaiveDateTime, NaiveDateTime) {
        let cursor = SweepCursor::behind(naive(swept_to), utc(swept_at), clock());
        (cursor.since, cursor.border)
    }

    #[test]
    fn a_second_that_was_over_is_not_paged_through_again_and_its_rows_still_count_as_changed() {
        let cursor = behind("2026-01-10T10:00:00", "2026-01-10T10:01:00Z");
        assert_eq!(cursor, (naive("2026-01-10T09:59:58"), naive("2026-01-10T10:00:00")));
    }

    #[test]
    fn a_second_that_may_not_have_been_over_is_read_again() {
        let cursor = behind("2026-01-10T10:00:58", "2026-01-10T10:01:00Z");
        assert_eq!(cursor, (naive("2026-01-10T10:00:53"), naive("2026-01-10T10:00:53")));
    }

    #[test]
    fn a_date_ahead_of_the_sweep_hides_nothing_that_changed_since_the_sweep() {
        let cursor = behind("2026-02-01T00:00:00", "2026-01-10T10:01:00Z");
        assert_eq!(cursor, behind("2026-01-10T10:01:00", "2026-01-10T10:01:00Z"));
        assert!(cursor.0 < naive("2026-01-10T10:01:00"));
    }

    #[test]
    fn a_clock_that_was_set_back_counts_from_when_we_swept() {
        let an_hour_back = SnipeitClock { offset: Duration::hours(-1), ..clock() };

        let cursor = SweepCursor::behind(naive("2026-01-10T10:00:30"), utc("2026-01-10T10:01:00Z"), an_hour_back);

        assert_eq!(cursor.since, naive("2026-01-10T09:00:53"));
    }

    #[test]
    fn in_the_hour_that_occurs_twice_the_cursor_goes_back_by_it() {
        let (since, border) = behind("2026-10-25T01:30:00", "2026-10-25T01:40:00Z");
        assert_eq!((since, border), (naive("2026-10-25T00:29:58"), naive("2026-10-25T00:30:00")));
    }

    #[test]
    fn the_newest_change_is_never_later_than_the_read_that_showed_it() {
        let newest =
            |dates: &[&str]| newest_change(dates.iter().map(|date| naive(date)), utc("2026-01-10T10:01:00Z"), clock());
        assert_eq!(newest(&["2026-01-10T09:00:00", "2026-01-10T10:00:00"]), Some(naive("2026-01-10T10:00:00")));
        assert_eq!(newest(&["2031-01-01T00:00:00"]), Some(naive("2026-01-10T10:01:05")));
        assert_eq!(newest(&[]), None);
    }
}
