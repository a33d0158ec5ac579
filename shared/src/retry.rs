//! How long to wait before trying again: exponential growth, full jitter, a cap, and a sane `Retry-After` honoured.
//!
//! The crate `backoff` is unmaintained (RUSTSEC-2025-0012), so this module is its only user and replacing it means
//! replacing one function. It supplies the growth of the interval; its own randomisation is not used, because it
//! varies *around* the interval (and past the cap), while full jitter draws from the whole of zero to the interval:
//! that is what spreads a herd of clients that all failed at the same moment.

use std::time::Duration;

use backoff::SystemClock;
use backoff::backoff::Backoff;
use backoff::exponential::{ExponentialBackoff, ExponentialBackoffBuilder};
use chrono::{DateTime, Utc};
use rand::Rng;

/// A longer wait than this is a server's mistake or its clock's; our own schedule knows better.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The upper bound of the first delay.
    pub initial: Duration,
    /// No bound grows beyond this.
    pub cap: Duration,
}

impl RetryPolicy {
    pub const fn new(initial: Duration, cap: Duration) -> Self {
        Self { initial, cap }
    }

    /// A delay between zero and `min(cap, initial * 2^attempt)`; `attempt` is 0 after the first failure.
    pub fn delay<R: Rng + ?Sized>(&self, attempt: u32, rng: &mut R) -> Duration {
        full_jitter(self.bound(attempt), rng)
    }

    /// As [`Self::delay`], but not before the server's `Retry-After` is over, if that is sane. Jitter is added on top,
    /// since everybody who was refused was told the same second.
    pub fn delay_after<R: Rng + ?Sized>(&self, attempt: u32, retry_after: Option<Duration>, rng: &mut R) -> Duration {
        let told = retry_after.filter(|told| *told <= LONGEST_RETRY_AFTER).unwrap_or_default();
        told + self.delay(attempt, rng)
    }

    /// The longest that [`Self::delay`] may answer for this attempt.
    pub fn bound(&self, attempt: u32) -> Duration {
        let mut growth = self.growth();
        for _ in 0..attempt {
            if growth.current_interval >= growth.max_interval || growth.current_interval.is_zero() {
                break;
            }
            growth.next_backoff();
        }
        growth.current_interval
    }

    fn growth(&self) -> ExponentialBackoff<SystemClock> {
        ExponentialBackoffBuilder::new()
            .with_initial_interval(self.initial.min(self.cap))
            .with_max_interval(self.cap)
            .with_multiplier(2.0)
            .with_max_elapsed_time(None)
            .build()
    }
}

/// Reads the value of a `Retry-After` header: seconds, or a date. A date that has passed means now.
pub fn parse_retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or_default())
}

fn full_jitter<R: Rng + ?Sized>(bound: Duration, rng: &mut R) -> Duration {
    let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(rng.random_range(0..=nanos))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy::new(Duration::from_secs(1), Duration::from_secs(60));

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let bounds: Vec<_> = (0..9).map(|attempt| POLICY.bound(attempt).as_secs()).collect();

        assert_eq!(bounds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn delays_fill_the_whole_range_from_zero_to_the_bound() {
        let mut rng = StdRng::seed_from_u64(7);
        let bound = POLICY.bound(5).as_secs_f64();

        let shares: Vec<_> = (0..2_000).map(|_| POLICY.delay(5, &mut rng).as_secs_f64() / bound).collect();

        for tenth in 0..10 {
            let from = f64::from(tenth) / 10.0;
            let hits = shares.iter().filter(|share| (from..from + 0.1).contains(*share)).count();
            assert!((130..270).contains(&hits), "{hits} of 2000 delays lie in tenth {tenth}");
        }
    }

    #[test]
    fn a_retry_after_that_asks_for_too_much_is_ignored() {
        let mut rng = StdRng::seed_from_u64(7);

        let delay = POLICY.delay_after(0, Some(Duration::from_secs(86_400)), &mut rng);

        assert!(delay <= POLICY.bound(0), "{delay:?}");
    }

    #[test]
    fn a_retry_after_is_read_as_seconds_or_as_a_date() {
        let now = DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap().to_utc();

        assert_eq!(parse_retry_after(" 61 ", now), Some(Duration::from_secs(61)));
        assert_eq!(parse_retry_after("Mon, 23 Nov 2026 10:00:30 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(parse_retry_after("Mon, 23 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(parse_retry_after("soon", now), None);
        assert_eq!(parse_retry_after("-5", now), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_delay_leaves_its_bounds(initial in 0..10_000_u64, cap in 0..100_000_u64, attempt: u32, seed: u64) {
            let policy = RetryPolicy::new(Duration::from_millis(initial), Duration::from_millis(cap));
            let doubled = 2_f64.powi(attempt.min(64) as i32) * initial as f64;
            let expected = Duration::from_secs_f64(doubled.min(cap as f64) / 1_000.0);

            let bound = policy.bound(attempt);
            let delay = policy.delay(attempt, &mut StdRng::seed_from_u64(seed));

            prop_assert!(delay <= bound);
            prop_assert!(bound <= policy.cap);
            prop_assert!(bound.abs_diff(expected) < Duration::from_micros(1), "{:?} instead of {:?}", bound, expected);
        }

        #[test]
        fn a_sane_retry_after_is_never_undercut(told in 0..=600_u64, attempt in 0..100_u32, seed: u64) {
            let told = Duration::from_secs(told);

            let delay = POLICY.delay_after(attempt, Some(told), &mut StdRng::seed_from_u64(seed));

            prop_assert!(delay >= told);
            prop_assert!(delay <= told + POLICY.bound(attempt));
        }
    }
}
