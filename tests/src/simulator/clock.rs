//! The simulated server's clock: real now, moved by a settable offset, told as Snipe-IT tells it (wall time without a zone).

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

#[derive(Debug)]
pub struct ServerClock {
    zone: Tz,
    offset_ms: AtomicI64,
}

impl ServerClock {
    pub(super) fn new(zone: Tz) -> Self {
        Self { zone, offset_ms: AtomicI64::new(0) }
    }

    /// The server's own idea of UTC, which is what its `Date` header says.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.offset_ms.load(Ordering::Relaxed))
    }

    /// Lets the server's clock go wrong (or right again) by this much against the real one.
    pub fn set_offset(&self, offset: Duration) {
        self.offset_ms.store(offset.num_milliseconds(), Ordering::Relaxed);
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Wall time of the server, to the second: what the database columns hold.
    pub fn wall(&self) -> NaiveDateTime {
        whole_second(self.now().with_timezone(&self.zone).naive_local())
    }

    pub(super) fn to_utc(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        match self.zone.from_local_datetime(&wall) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => (wall - Duration::hours(1)).and_utc(),
        }
    }

    /// A time inside the gap of a clock change comes back one hour later, as on the real server.
    pub(super) fn out_of_the_gap(&self, wall: NaiveDateTime) -> NaiveDateTime {
        match self.zone.from_local_datetime(&wall) {
            LocalResult::None => wall + Duration::hours(1),
            LocalResult::Single(_) | LocalResult::Ambiguous(..) => wall,
        }
    }
}

fn whole_second(at: NaiveDateTime) -> NaiveDateTime {
    at.with_nanosecond(0).expect("zero nanoseconds exist in every second")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_the_gap_of_a_clock_change_comes_back_an_hour_later() {
        let clock = ServerClock::new(chrono_tz::Europe::Lisbon);
        let at = |hour| chrono::NaiveDate::from_ymd_opt(2027, 3, 28).unwrap().and_hms_opt(hour, 30, 0).unwrap();

        assert_eq!(clock.out_of_the_gap(at(1)), at(2));
        assert_eq!(clock.out_of_the_gap(at(3)), at(3));
    }
}
