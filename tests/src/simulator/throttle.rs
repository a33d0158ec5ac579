//! Snipe-IT's throttle: so many calls per user in a fixed window that opens with the first of them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleRule {
    pub limit: u32,
    pub window: Duration,
}

impl Default for ThrottleRule {
    fn default() -> Self {
        Self { limit: 120, window: Duration::from_secs(60) }
    }
}

/// What a switched-off throttle says in `X-RateLimit-Limit`: the setting with which labs switch it off.
const UNLIMITED: u32 = 1_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Admitted { limit: u32, remaining: u32 },
    Rejected { limit: u32, wait: Duration },
}

#[derive(Debug)]
pub struct Throttle {
    book: Mutex<Book>,
}

#[derive(Debug)]
struct Book {
    rule: Option<ThrottleRule>,
    windows: HashMap<i64, Window>,
}

#[derive(Debug)]
struct Window {
    opened: Instant,
    calls: u32,
}

impl Throttle {
    pub(super) fn new(rule: Option<ThrottleRule>) -> Self {
        Self { book: Mutex::new(Book { rule, windows: HashMap::new() }) }
    }

    /// Sets another rule (or none) and forgets the windows that are open.
    pub fn set(&self, rule: Option<ThrottleRule>) {
        *self.book() = Book { rule, windows: HashMap::new() };
    }

    /// Counts a call of this user. A rejected call neither counts nor prolongs the window.
    pub(super) fn admit(&self, user: i64, now: Instant) -> Admission {
        let mut book = self.book();
        let Some(rule) = book.rule else {
            return Admission::Admitted { limit: UNLIMITED, remaining: UNLIMITED - 1 };
        };
        let window = book.windows.entry(user).or_insert(Window { opened: now, calls: 0 });
        let age = now.saturating_duration_since(window.opened);
        if age >= rule.window {
            *window = Window { opened: now, calls: 0 };
        } else if window.calls >= rule.limit {
            return Admission::Rejected { limit: rule.limit, wait: rule.window - age };
        }
        window.calls += 1;
        Admission::Admitted { limit: rule.limit, remaining: rule.limit.saturating_sub(window.calls) }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("no panic while the throttle is held")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_fixed_from_the_first_call_and_each_user_has_an_own_one() {
        let rule = ThrottleRule { limit: 2, window: Duration::from_secs(60) };
        let throttle = Throttle::new(Some(rule));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);

        assert_eq!(throttle.admit(1, at(0)), Admission::Admitted { limit: 2, remaining: 1 });
        assert_eq!(throttle.admit(1, at(50)), Admission::Admitted { limit: 2, remaining: 0 });
        assert_eq!(throttle.admit(1, at(55)), Admission::Rejected { limit: 2, wait: Duration::from_secs(5) });
        assert_eq!(throttle.admit(2, at(55)), Admission::Admitted { limit: 2, remaining: 1 });
        assert_eq!(throttle.admit(1, at(60)), Admission::Admitted { limit: 2, remaining: 1 });
    }
}
