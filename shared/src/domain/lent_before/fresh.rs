//! Whether the catalogue is young enough to be compared with: what has happened to a unit since must not be undone.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// As long as nobody sweeps less often than every few minutes.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(10);
/// One sweep may fail, and the next one takes its time.
const SWEEPS: i32 = 3;

/// When the catalogue was read, by PostgreSQL's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRead {
    /// The end of the last full sync.
    pub synced_at: Option<DateTime<Utc>>,
    /// The beginning of the last sweep or sync that saw everything.
    pub swept_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFresh {
    #[error("the catalogue was never read whole: start a worker, wait for its first sync to end, then import")]
    NeverRead,
    #[error(
        "the catalogue was last seen whole at {}, more than {} minutes ago: start a worker, wait for its next sweep, then \
         import again",
        at.to_rfc3339_opts(SecondsFormat::Secs, true),
        fresh_for.num_minutes()
    )]
    Stale { at: DateTime<Utc>, fresh_for: TimeDelta },
}

impl LastRead {
    /// # Errors
    /// What has to be waited for.
    pub fn check(self, now: DateTime<Utc>, sweep_interval: TimeDelta) -> Result<(), NotFresh> {
        let (Some(_), Some(at)) = (self.synced_at, self.swept_at) else { return Err(NotFresh::NeverRead) };
        let fresh_for = FRESH_FOR.max(sweep_interval * SWEEPS);
        if now - at > fresh_for { Err(NotFresh::Stale { at, fresh_for }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    fn seen(minutes_ago: i64, sweep_interval: TimeDelta) -> Result<(), NotFresh> {
        let at = now() - TimeDelta::minutes(minutes_ago);
        LastRead { synced_at: Some(at), swept_at: Some(at) }.check(now(), sweep_interval)
    }

    #[test]
    fn ten_minutes_are_fresh_and_three_sweeps_of_a_lab_that_sweeps_less_often() {
        let (minute, quarter) = (TimeDelta::minutes(1), TimeDelta::minutes(15));
        assert_eq!((seen(10, minute), seen(45, quarter)), (Ok(()), Ok(())));
        assert!(matches!(seen(11, minute), Err(NotFresh::Stale { .. })));
        let refused = seen(46, quarter).unwrap_err().to_string();
        assert!(refused.contains("2026-11-23T09:14:00Z, more than 45 minutes ago: start a worker"), "{refused}");
    }

    #[test]
    fn what_was_never_read_whole_is_not_fresh() {
        for (synced_at, swept_at) in [(None, None), (None, Some(now())), (Some(now()), None)] {
            let read = LastRead { synced_at, swept_at };
            assert_eq!(read.check(now(), TimeDelta::minutes(1)), Err(NotFresh::NeverRead));
        }
    }
}
