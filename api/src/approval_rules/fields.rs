//! The fields of a rule, checked.

use crate::{
    http::input::{Invalid, TextRule},
    problem::Problem,
};
use makerlab_shared::{
    domain::{
        approval::{Conditions, HIGHEST_POSITION, MOST_DAYS, MOST_UNITS},
        id::ModelId,
        money::Cents,
    },
    store::catalogue_reads,
};
use sqlx::PgConnection;
use std::ops::RangeInclusive;
use uuid::Uuid;

const CATEGORY: TextRule = TextRule::line(1, 200);
/// Far above what any lab owns.
pub(super) const HIGHEST_VALUE: i64 = 1_000_000_000_000;

pub(super) fn position(invalid: &mut Invalid, number: i64) -> i32 {
    number_in(invalid, "/position", number, 1..=HIGHEST_POSITION)
}

pub(super) fn category(invalid: &mut Invalid, text: Option<&str>) -> Option<String> {
    text.and_then(|text| invalid.check("/category", CATEGORY.parse(text)))
}

pub(super) fn value_from(invalid: &mut Invalid, cents: Option<i64>) -> Option<Cents> {
    let cents = cents?;
    if !(0..=HIGHEST_VALUE).contains(&cents) {
        invalid.note("/value_from_cents", format!("must be between 0 and {HIGHEST_VALUE}"));
    }
    Some(Cents::from_stored(cents))
}

pub(super) fn longer_than_days(invalid: &mut Invalid, days: Option<i64>) -> Option<i32> {
    days.map(|days| number_in(invalid, "/longer_than_days", days, 0..=MOST_DAYS))
}

pub(super) fn more_than_units(invalid: &mut Invalid, units: Option<i64>) -> Option<i32> {
    units.map(|units| number_in(invalid, "/more_than_units", units, 0..=MOST_UNITS))
}

fn number_in(invalid: &mut Invalid, field: &str, number: i64, allowed: RangeInclusive<i32>) -> i32 {
    let number = i32::try_from(number).ok().filter(|number| allowed.contains(number));
    if number.is_none() {
        invalid.note(field, format!("must be between {} and {}", allowed.start(), allowed.end()));
    }
    number.unwrap_or_default()
}

/// A model that is gone may stay in a rule, but none that never was.
pub(super) async fn check_model(conn: &mut PgConnection, conditions: &Conditions) -> Result<(), Problem> {
    match conditions.model_id {
        Some(model) if catalogue_reads::find_model(conn, model).await?.is_none() => {
            Err(Problem::invalid_field("/model_id", "no model has this id"))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn model(id: Option<Uuid>) -> Option<ModelId> {
    id.map(ModelId)
}
