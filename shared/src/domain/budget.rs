//! The call budget of the one Snipe-IT user that all workers share: pure arithmetic over one row.
//!
//! Snipe-IT counts in a fixed window from the first request, all tokens of a user together (120 a minute). Our window
//! opens at the first *answer*, so it never ends before Snipe-IT's does, and lasts a second longer.

use chrono::{DateTime, Duration, Utc};

/// What Snipe-IT allows in a window unless it was told otherwise.
pub const USUAL_LIMIT: i32 = 120;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    pub window_number: i64,
    pub first_taken_at: Option<DateTime<Utc>>,
    pub opened_at: Option<DateTime<Utc>>,
    pub used: i32,
    pub limit: i32,
    pub closed_until: Option<DateTime<Utc>>,
}

/// How a lab's budget is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetPolicy {
    /// How long a window lasts for us: Snipe-IT's plus one second.
    pub window: Duration,
    /// Calls never used: those in flight at the edge of a window may be counted in the next.
    pub reserve: i32,
    /// When a call that was taken must have been answered at the latest.
    pub longest_call: Duration,
    /// `false`: this Snipe-IT does not throttle.
    pub is_limited: bool,
}

/// Calls taken, and in which window, so that a late answer does not count in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub window_number: i64,
    pub calls: i32,
}

/// Nothing was taken; nothing will be before the wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub wait: Duration,
}

/// What Snipe-IT says of its own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSeen {
    pub limit: i32,
    pub remaining: i32,
}

impl Budget {
    /// Takes `calls`, leaving `floor` more than the reserve to work that is more urgent: of [`USUAL_LIMIT`], and of another
    /// limit the same part, so that a low one stops no lane for good.
    ///
    /// # Errors
    /// [`Refused`] with the time until the window ends.
    pub fn take(
        &mut self,
        calls: i32,
        floor: i32,
        now: DateTime<Utc>,
        policy: &BudgetPolicy,
    ) -> Result<Taken, Refused> {
        self.roll_over(now, policy);
        if policy.is_limited {
            if let Some(closed_until) = self.closed_until {
                return Err(Refused { wait: closed_until - now });
            }
            let floor = floor * self.limit / USUAL_LIMIT;
            if self.used + calls > self.limit - policy.reserve - floor {
                return Err(Refused { wait: self.until_window_ends(now, policy) });
            }
        }
        self.used += calls;
        self.first_taken_at.get_or_insert(now);
        Ok(Taken { window_number: self.window_number, calls })
    }

    /// One call was answered, or given up; `unused` calls of what was taken are not needed.
    pub fn note_answer(
        &mut self,
        window: i64,
        unused: i32,
        seen: Option<RateSeen>,
        now: DateTime<Utc>,
        policy: &BudgetPolicy,
    ) {
        self.roll_over(now, policy);
        if self.window_number != window {
            return;
        }
        self.opened_at.get_or_insert(now);
        self.used = (self.used - unused).max(0);
        if let Some(seen) = seen {
            self.limit = seen.limit.max(1);
            // Others may use the same Snipe-IT user: a lower remainder than ours is believed.
            self.used = self.used.max(seen.limit - seen.remaining);
        }
    }

    pub fn note_throttled(&mut self, now: DateTime<Utc>, policy: &BudgetPolicy) {
        self.roll_over(now, policy);
        self.closed_until = Some(now + policy.window);
    }

    pub fn left(&self, now: DateTime<Utc>, policy: &BudgetPolicy) -> i32 {
        let mut then = self.clone();
        then.roll_over(now, policy);
        if then.closed_until.is_some() { 0 } else { (then.limit - policy.reserve - then.used).max(0) }
    }

    fn roll_over(&mut self, now: DateTime<Utc>, policy: &BudgetPolicy) {
        if self.closed_until.is_some_and(|closed_until| now >= closed_until) {
            self.closed_until = None;
            self.start_anew();
        }
        if self.window_end(policy).is_some_and(|end| now >= end) {
            self.start_anew();
        }
    }

    fn start_anew(&mut self) {
        self.window_number += 1;
        self.first_taken_at = None;
        self.opened_at = None;
        self.used = 0;
    }

    /// A window whose calls were never answered still ends: a taker may have died.
    fn window_end(&self, policy: &BudgetPolicy) -> Option<DateTime<Utc>> {
        let opened = self.opened_at.or(self.first_taken_at.map(|first| first + policy.longest_call));
        opened.map(|opened| opened + policy.window)
    }

    fn until_window_ends(&self, now: DateTime<Utc>, policy: &BudgetPolicy) -> Duration {
        let wait = self.window_end(policy).map_or(policy.window, |end| end - now);
        // A window that has not opened yet will end earlier than it seems: ask again soon.
        if self.opened_at.is_some() { wait } else { wait.min(Duration::seconds(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Budget {
        Budget { window_number: 1, first_taken_at: None, opened_at: None, used: 0, limit: 120, closed_until: None }
    }

    fn policy() -> BudgetPolicy {
        BudgetPolicy {
            window: Duration::seconds(61),
            reserve: 6,
            longest_call: Duration::seconds(30),
            is_limited: true,
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    #[test]
    fn what_the_reserve_leaves_can_be_used_and_not_one_call_more() {
        let mut budget = fresh();
        let taken = (0..).take_while(|_| budget.take(1, 0, at(0), &policy()).is_ok()).count();
        assert_eq!(taken, 114);
    }

    #[test]
    fn the_window_opens_at_the_first_answer_and_then_lasts_its_length() {
        let mut budget = fresh();
        budget.take(114, 0, at(0), &policy()).unwrap();
        budget.note_answer(1, 0, None, at(5), &policy());
        assert_eq!(budget.take(1, 0, at(60), &policy()).unwrap_err().wait, Duration::seconds(6));
        assert!(budget.take(1, 0, at(66), &policy()).is_ok());
    }

    #[test]
    fn a_window_without_any_answer_ends_all_the_same() {
        let mut budget = fresh();
        budget.take(114, 0, at(0), &policy()).unwrap();
        assert!(budget.take(1, 0, at(90), &policy()).is_err());
        assert!(budget.take(1, 0, at(91), &policy()).is_ok());
    }

    #[test]
    fn a_lower_remainder_than_ours_is_believed_and_a_higher_one_is_not() {
        let mut budget = fresh();
        budget.take(10, 0, at(0), &policy()).unwrap();
        budget.note_answer(1, 0, Some(RateSeen { limit: 120, remaining: 20 }), at(1), &policy());
        assert_eq!(budget.used, 100);
        budget.note_answer(1, 0, Some(RateSeen { limit: 120, remaining: 119 }), at(2), &policy());
        assert_eq!(budget.used, 100);
    }

    #[test]
    fn a_late_answer_from_an_earlier_window_changes_nothing() {
        let mut budget = fresh();
        budget.take(100, 0, at(0), &policy()).unwrap();
        budget.note_answer(1, 0, None, at(1), &policy());
        budget.take(1, 0, at(70), &policy()).unwrap();
        let before = budget.clone();
        budget.note_answer(1, 5, Some(RateSeen { limit: 120, remaining: 0 }), at(71), &policy());
        assert_eq!(budget, before);
    }

    #[test]
    fn a_429_closes_the_budget_for_a_whole_window() {
        let mut budget = fresh();
        budget.note_throttled(at(0), &policy());
        assert_eq!(budget.take(1, 0, at(10), &policy()).unwrap_err().wait, Duration::seconds(51));
        assert!(budget.take(1, 0, at(61), &policy()).is_ok());
    }

    #[test]
    fn unused_calls_go_back() {
        let mut budget = fresh();
        let taken = budget.take(2, 0, at(0), &policy()).unwrap();
        budget.note_answer(taken.window_number, 1, None, at(1), &policy());
        assert_eq!(budget.used, 1);
    }

    #[test]
    fn less_urgent_work_stops_earlier() {
        let mut budget = fresh();
        budget.take(84, 0, at(0), &policy()).unwrap();
        assert!(budget.take(1, 30, at(0), &policy()).is_err());
        assert!(budget.take(1, 0, at(0), &policy()).is_ok());
    }

    #[test]
    fn what_is_left_to_more_urgent_work_goes_with_the_limit() {
        let mut low = Budget { limit: 24, ..fresh() };
        low.take(12, 30, at(0), &policy()).unwrap();
        assert!(low.take(1, 30, at(0), &policy()).is_err());
        assert!(low.take(6, 0, at(0), &policy()).is_ok());

        let mut high = Budget { limit: 1200, ..fresh() };
        high.take(894, 30, at(0), &policy()).unwrap();
        assert!(high.take(1, 30, at(0), &policy()).is_err());
    }
}
