//! A due date as people give it: an instant, or a day of the lab that ends when it is over.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use makerlab_shared::domain::lab_day;
use serde::{Deserialize, Deserializer, de::Error};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
        schema::{OneOfBuilder, Type},
    },
};

/// `2026-12-01T17:00:00Z`, or `2026-12-01`: until the end of that day in the lab's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueDate {
    At(DateTime<Utc>),
    EndOf(NaiveDate),
}

impl DueDate {
    /// `None` for a day beyond the calendar.
    pub(crate) fn moment(self, zone: Tz) -> Option<DateTime<Utc>> {
        match self {
            Self::At(moment) => Some(moment),
            Self::EndOf(day) => lab_day::end_of(day, zone),
        }
    }

    /// As the start of something: a day means its first moment. `None` for a day beyond the calendar.
    pub(crate) fn beginning(self, zone: Tz) -> Option<DateTime<Utc>> {
        match self {
            Self::At(moment) => Some(moment),
            Self::EndOf(day) => lab_day::start_of(day, zone),
        }
    }
}

impl<'de> Deserialize<'de> for DueDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Ok(day) = text.parse() {
            return Ok(Self::EndOf(day));
        }
        text.parse().map(Self::At).map_err(|_| {
            D::Error::custom(
                "must be an instant like 2026-12-01T17:00:00Z or a day like 2026-12-01, which means its end",
            )
        })
    }
}

impl PartialSchema for DueDate {
    fn schema() -> RefOr<Schema> {
        let text =
            |format| ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)));
        OneOfBuilder::new()
            .item(text(KnownFormat::DateTime))
            .item(text(KnownFormat::Date))
            .description(Some("An instant, or a day: until its end in the lab's time zone."))
            .into()
    }
}

impl ToSchema for DueDate {}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Result<String, serde_json::Error> {
        let due: DueDate = serde_json::from_value(text.into())?;
        Ok(due.moment(Tz::Europe__Lisbon).map_or_else(|| "never".to_owned(), |moment| moment.to_rfc3339()))
    }

    #[test]
    fn a_day_means_its_end_at_the_lab_and_an_instant_itself() {
        assert_eq!(moment("2026-12-01").unwrap(), "2026-12-01T23:59:59+00:00");
        assert_eq!(moment("2026-03-29").unwrap(), "2026-03-29T22:59:59+00:00");
        assert_eq!(moment("2026-10-25").unwrap(), "2026-10-25T23:59:59+00:00");
        assert_eq!(moment("2026-12-01T17:00:00+01:00").unwrap(), "2026-12-01T16:00:00+00:00");
    }

    #[test]
    fn what_is_neither_is_refused_with_an_example() {
        for text in ["tomorrow", "2026-02-30", "2026-12-01T17:00:00", ""] {
            assert!(moment(text).unwrap_err().to_string().contains("a day like 2026-12-01"), "{text}");
        }
        assert_eq!(moment("+262142-12-31").unwrap(), "never");
    }
}
