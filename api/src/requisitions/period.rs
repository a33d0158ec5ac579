//! The period of a body: from when until when, or what is wrong with it.

use crate::http::{due::DueDate, input::Invalid};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use makerlab_shared::domain::requisition::{Period, PeriodRefused};

pub(crate) fn period_of(
    invalid: &mut Invalid,
    starts_at: Option<DateTime<Utc>>,
    due: DueDate,
    now: DateTime<Utc>,
    zone: Tz,
) -> Option<Period> {
    let due_at = due.moment(zone).ok_or(PeriodRefused::TooLong);
    let period = due_at.and_then(|due_at| Period::parse(starts_at, due_at, now));
    invalid.check(field_of(&period), period)
}

pub(super) fn field_of(period: &Result<Period, PeriodRefused>) -> &'static str {
    match period {
        Err(PeriodRefused::StartsInThePast | PeriodRefused::TooFarAhead) => "/starts_at",
        Err(PeriodRefused::DueBeforeStart | PeriodRefused::DueInThePast | PeriodRefused::TooLong) | Ok(_) => "/due_at",
    }
}
