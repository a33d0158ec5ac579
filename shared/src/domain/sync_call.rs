//! When a sweep calls for a full sync: the default list's total does not fit the cache, because assets that vanish leave no
//! change behind; or more than one page was read, and a row can slip through between two of Snipe-IT's pages.

use chrono::{DateTime, Duration, Utc};

/// So many whole syncs in a row may leave the total as it was; after that one is called for only now and then.
const MOST_IN_VAIN: i32 = 2;
const PATIENCE: Duration = Duration::hours(1);
/// While changes by the page go on and on.
const BETWEEN_PAGED: Duration = Duration::minutes(10);

/// The last full sync that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeSync {
    pub began_at: DateTime<Utc>,
    /// How many assets the default list had more than the cache because they could not be stored.
    pub left_out: i64,
}

/// Calls for a full sync because of the total, since it fitted last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calls {
    pub in_a_row: i32,
    pub latest_at: Option<DateTime<Utc>>,
}

/// How the total of the default list stands to the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    Fits,
    /// Assets have vanished, or appeared.
    Differs,
    /// It does, and whole syncs could not help: it is looked into again later.
    NeverFits,
}

impl Calls {
    /// `surplus`: the list's total minus what the cache has of it. Before the first full sync nothing is expected.
    pub fn weigh(self, surplus: i64, whole: Option<WholeSync>, now: DateTime<Utc>) -> Total {
        match whole {
            None => Total::Fits,
            Some(whole) if surplus == whole.left_out => Total::Fits,
            Some(whole) if self.is_answered(whole) && self.is_enough(now) => Total::NeverFits,
            Some(_) => Total::Differs,
        }
    }

    /// What stands after a sweep that found this. A call that no sync has answered yet is the same call.
    #[must_use]
    pub fn after(self, total: Total, whole: Option<WholeSync>, now: DateTime<Utc>) -> Self {
        match total {
            Total::Fits => Self::default(),
            Total::NeverFits => self,
            Total::Differs if self.latest_at.is_some() && !whole.is_some_and(|whole| self.is_answered(whole)) => self,
            Total::Differs => Self { in_a_row: self.in_a_row.saturating_add(1), latest_at: Some(now) },
        }
    }

    fn is_answered(self, whole: WholeSync) -> bool {
        self.latest_at.is_some_and(|at| at < whole.began_at)
    }

    fn is_enough(self, now: DateTime<Utc>) -> bool {
        self.in_a_row >= MOST_IN_VAIN && self.latest_at.is_some_and(|at| now < at + PATIENCE)
    }
}

/// Whether a full sync is to look behind a sweep that read more than one page, the latest of which it asked for at
/// `paged_at`. Snipe-IT sorts rows of the same second anew for each page, and an asset that is archived between two of them
/// moves the others up. `is_paging`: this sweep needed more than a page again.
pub fn is_owed(paged_at: DateTime<Utc>, whole: Option<WholeSync>, is_paging: bool, now: DateTime<Utc>) -> bool {
    let Some(whole) = whole else { return false };
    let has_looked = paged_at < whole.began_at;
    let may_wait = is_paging && now < whole.began_at + BETWEEN_PAGED;
    !(has_looked || may_wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        let noon: DateTime<Utc> = "2026-01-10T12:00:00Z".parse().unwrap();
        noon + Duration::minutes(minute)
    }

    fn whole(minute: i64, left_out: i64) -> Option<WholeSync> {
        Some(WholeSync { began_at: at(minute), left_out })
    }

    #[test]
    fn a_total_fits_when_it_is_what_the_last_whole_sync_has_stored_and_left_out() {
        let none = Calls::default();
        assert_eq!(none.weigh(0, whole(0, 0), at(1)), Total::Fits);
        assert_eq!(none.weigh(3, whole(0, 3), at(1)), Total::Fits);
        assert_eq!(none.weigh(2, whole(0, 3), at(1)), Total::Differs, "one vanished, or can be stored by now");
        assert_eq!(none.weigh(-1, whole(0, 0), at(1)), Total::Differs);
    }

    #[test]
    fn before_the_first_full_sync_nothing_is_expected() {
        assert_eq!(Calls::default().weigh(50_000, None, at(0)), Total::Fits);
    }

    #[test]
    fn what_vanishes_behind_the_page_of_a_sync_that_was_called_for_is_called_for_again() {
        let called = Calls::default().after(Total::Differs, whole(0, 0), at(1));
        assert_eq!(called.weigh(-1, whole(2, 0), at(3)), Total::Differs);
    }

    #[test]
    fn a_call_that_no_sync_has_answered_stands_and_is_not_counted_twice() {
        let first = Calls::default().after(Total::Differs, whole(0, 0), at(1));
        let again = first.after(Total::Differs, whole(0, 0), at(2));
        assert_eq!((again, again.in_a_row), (first, 1));
        assert_eq!(first.weigh(-1, whole(0, 0), at(90)), Total::Differs, "Snipe-IT may be down");
    }

    #[test]
    fn a_list_that_never_adds_up_gets_two_syncs_and_then_one_an_hour() {
        let (mut calls, mut called) = (Calls::default(), Vec::new());
        for minute in 1..=180 {
            let whole = called
                .last()
                .map_or(whole(0, 0), |minute| whole(*minute, 0))
                .map(|whole| WholeSync { began_at: whole.began_at + Duration::seconds(30), ..whole });
            let total = calls.weigh(7, whole, at(minute));
            calls = calls.after(total, whole, at(minute));
            if total == Total::Differs {
                called.push(minute);
            }
        }
        assert_eq!(called, [1, 2, 62, 122]);
    }

    #[test]
    fn a_total_that_fits_again_forgets_the_calls() {
        let called = Calls { in_a_row: 2, latest_at: Some(at(1)) };
        assert_eq!(called.after(Total::Fits, whole(2, 0), at(3)), Calls::default());
    }

    #[test]
    fn behind_more_than_one_page_a_sync_looks_once_that_is_over_and_now_and_then_while_it_goes_on() {
        assert!(is_owed(at(5), whole(4, 0), false, at(6)));
        assert!(!is_owed(at(5), whole(6, 0), false, at(7)), "one has looked");
        assert!(!is_owed(at(5), whole(4, 0), true, at(5)), "an import goes on");
        assert!(is_owed(at(15), whole(4, 0), true, at(15)));
        assert!(!is_owed(at(5), None, false, at(6)), "the first one is on its way");
    }
}
