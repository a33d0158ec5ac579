//! The fingerprint: a past second of Snipe-IT's wall clock, sent as `checkout_at`, found again as `last_checkout`.
//!
//! A person's own check-out stores "now" or, picked by hand, midnight: it never equals a fingerprint and is later. For
//! that the fingerprint's second must also be one in which we know that nobody lent the asset.

use chrono::{DateTime, Duration, MappedLocalTime, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// How far in the past a fingerprint lies when nothing stands in the way.
const AGE: Duration = Duration::seconds(120);
/// A fingerprint younger than this could be stored by a person acting now, or when Snipe-IT was last read.
const YOUNGEST: Duration = Duration::seconds(5);

pub type Fingerprint = NaiveDateTime;

/// The asset was lent so recently that no past second is free yet; try again after the given time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the asset was checked out within the last seconds by Snipe-IT's clock; try again in {} s", retry_after.num_seconds())]
pub struct TooEarly {
    pub retry_after: Duration,
}

/// Chooses the fingerprint of a check-out.
///
/// `snipeit_now` is UTC by Snipe-IT's clock; `newest` the latest of the asset's known `last_checkout` and the
/// fingerprints already used for it; `unseen_for` how long ago the check-outs of people were last read. What they lent
/// since then is not in `newest`, so the fingerprint is older than that.
///
/// # Errors
/// [`TooEarly`] when every second later than `newest` is still too young.
pub fn choose_fingerprint(
    snipeit_now: DateTime<Utc>,
    zone: Tz,
    newest: Option<NaiveDateTime>,
    unseen_for: Duration,
) -> Result<Fingerprint, TooEarly> {
    let wall = |instant: DateTime<Utc>| to_the_second(instant.with_timezone(&zone).naive_local());
    let preferred = wall(snipeit_now - AGE.max(unseen_for + YOUNGEST));
    let after_newest = newest.map_or(preferred, |newest| to_the_second(newest) + Duration::seconds(1));
    let candidate = not_midnight(preferred.max(after_newest));
    let youngest = wall(snipeit_now - YOUNGEST);
    if candidate > youngest {
        return Err(TooEarly { retry_after: candidate - youngest + Duration::seconds(1) });
    }
    Ok(candidate)
}

/// Whether a wall time occurs twice in the zone: order between such times says nothing.
pub fn is_repeated_hour(time: NaiveDateTime, zone: Tz) -> bool {
    matches!(zone.from_local_datetime(&time), MappedLocalTime::Ambiguous(_, _))
}

fn to_the_second(time: NaiveDateTime) -> NaiveDateTime {
    chrono::SubsecRound::trunc_subsecs(time, 0)
}

/// Midnight is what a date picked by hand stores.
fn not_midnight(time: NaiveDateTime) -> NaiveDateTime {
    if time.time() == NaiveTime::MIN { time + Duration::seconds(1) } else { time }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Lisbon;

    const MINUTE: Duration = Duration::minutes(1);

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn naive(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_fingerprint_is_two_minutes_old_by_the_servers_wall_clock() {
        let chosen = choose_fingerprint(utc("2026-07-01T10:00:00.7Z"), Lisbon, None, MINUTE).unwrap();
        assert_eq!(chosen, naive("2026-07-01T10:58:00"));
    }

    #[test]
    fn a_fingerprint_is_later_than_anything_seen_on_the_asset() {
        let newest = naive("2026-01-10T09:59:30");
        let chosen = choose_fingerprint(utc("2026-01-10T10:00:00Z"), Lisbon, Some(newest), MINUTE).unwrap();
        assert_eq!(chosen, naive("2026-01-10T09:59:31"));
    }

    #[test]
    fn an_asset_lent_this_second_has_to_wait_for_a_free_past_second() {
        let newest = naive("2026-01-10T09:59:58");
        let refused = choose_fingerprint(utc("2026-01-10T10:00:00Z"), Lisbon, Some(newest), MINUTE).unwrap_err();
        assert_eq!(refused.retry_after, Duration::seconds(5));
    }

    #[test]
    fn a_second_in_which_a_person_may_have_lent_the_asset_unseen_is_no_fingerprint() {
        let chosen = |unseen_for| choose_fingerprint(utc("2026-01-10T10:00:00Z"), Lisbon, None, unseen_for).unwrap();
        assert_eq!(chosen(Duration::seconds(115)), naive("2026-01-10T09:58:00"));
        assert_eq!(chosen(Duration::seconds(116)), naive("2026-01-10T09:57:59"));
        assert_eq!(chosen(Duration::hours(1)), naive("2026-01-10T08:59:55"));
        // What was seen then still counts.
        let newest = Some(naive("2026-01-10T09:00:00"));
        let after = choose_fingerprint(utc("2026-01-10T10:00:00Z"), Lisbon, newest, Duration::hours(1)).unwrap();
        assert_eq!(after, naive("2026-01-10T09:00:01"));
    }

    #[test]
    fn midnight_is_never_a_fingerprint_because_picked_dates_store_it() {
        let chosen = choose_fingerprint(utc("2026-01-10T00:02:00Z"), Lisbon, None, MINUTE).unwrap();
        assert_eq!(chosen, naive("2026-01-10T00:00:01"));
    }

    #[test]
    fn a_fingerprint_never_falls_into_the_gap_of_a_clock_change() {
        // Lisbon skips 01:00 to 02:00 on 2027-03-28: two minutes before 02:00:30 it was 00:58:30.
        let chosen = choose_fingerprint(utc("2027-03-28T01:00:30Z"), Lisbon, None, MINUTE).unwrap();
        assert_eq!(chosen, naive("2027-03-28T00:58:30"));
    }

    #[test]
    fn the_hour_that_occurs_twice_is_recognised() {
        assert!(is_repeated_hour(naive("2026-10-25T01:30:00"), Lisbon));
        assert!(!is_repeated_hour(naive("2026-10-25T02:30:00"), Lisbon));
    }
}
