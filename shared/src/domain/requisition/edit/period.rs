//! The period of an edit: what is left out stays, also a start that has passed meanwhile.

use crate::domain::requisition::{Period, PeriodRefused};
use chrono::{DateTime, Utc};

impl Period {
    /// Another start or end; the start that it has may have passed meanwhile. `starts_at`: `Some(None)` means now.
    ///
    /// # Errors
    /// Why it makes no sense.
    pub fn edited(
        self,
        starts_at: Option<Option<DateTime<Utc>>>,
        due_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, PeriodRefused> {
        let due_at = due_at.unwrap_or(self.due_at);
        match starts_at {
            Some(starts_at) if starts_at != Some(self.starts_at) => Self::parse(starts_at, due_at, now),
            Some(_) | None if due_at <= now => Err(PeriodRefused::DueInThePast),
            Some(_) | None => Self::parse(Some(self.starts_at), due_at, now.min(self.starts_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Asked for an hour ago, from then on.
    fn period() -> Period {
        Period { starts_at: at("2026-11-23T09:00:00Z"), due_at: at("2026-11-30T09:00:00Z") }
    }

    fn edited(starts_at: Option<Option<&str>>, due_at: Option<&str>) -> Result<Period, PeriodRefused> {
        period().edited(starts_at.map(|start| start.map(at)), due_at.map(at), at("2026-11-23T10:00:00Z"))
    }

    #[test]
    fn a_start_that_has_passed_stays_if_it_is_left_out_or_said_again() {
        let later = "2026-12-05T09:00:00Z";
        assert_eq!(edited(None, None), Ok(period()));
        assert_eq!(edited(None, Some(later)), Ok(Period { due_at: at(later), ..period() }));
        assert_eq!(edited(Some(Some("2026-11-23T09:00:00Z")), None), Ok(period()));
    }

    #[test]
    fn another_start_is_judged_as_that_of_a_new_requisition() {
        assert_eq!(edited(Some(None), None).unwrap().starts_at, at("2026-11-23T10:00:00Z"));
        assert_eq!(edited(Some(Some("2026-11-22T09:00:00Z")), None), Err(PeriodRefused::StartsInThePast));
        assert_eq!(
            edited(Some(Some("2028-11-25T10:00:00Z")), Some("2028-11-26T10:00:00Z")),
            Err(PeriodRefused::TooFarAhead)
        );
    }

    #[test]
    fn an_end_must_lie_ahead_and_not_too_far() {
        assert_eq!(edited(None, Some("2026-11-23T09:30:00Z")), Err(PeriodRefused::DueInThePast));
        assert_eq!(edited(Some(Some("2026-12-24T09:00:00Z")), None), Err(PeriodRefused::DueBeforeStart));
        assert_eq!(edited(None, Some("2028-01-01T00:00:00Z")), Err(PeriodRefused::TooLong));
    }
}
