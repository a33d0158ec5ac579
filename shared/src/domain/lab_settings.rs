//! The numbers that a lab sets for itself: how patient, how generous, how strict it is.

use super::{
    change::{Cause, Change, Entity, Write, entry},
    id::UserId,
};
use crate::domain::actor::Actor;
use std::ops::RangeInclusive;
use uuid::Uuid;

/// The whole of them; one row in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabSettings {
    /// What history calls it.
    pub id: Uuid,
    pub numbers: LabNumbers,
    pub version: i32,
}

/// Each in the range that [`LabNumbers::check`] holds it to; the schema holds the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabNumbers {
    /// Hours between a return and the next promise of the same unit.
    pub buffer_after_return_hours: i32,
    /// Days after which what was not collected is released.
    pub release_uncollected_after_days: i32,
    /// Hours after which those are reminded who have not decided.
    pub remind_approvers_after_hours: i32,
    /// Hours for which the first on a waiting list has a unit kept.
    pub hold_hours: i32,
    /// How often one loan may be extended without a technician.
    pub extensions_max: i32,
    /// By how many days in all one loan may be extended without a technician.
    pub extension_days_max: i32,
    /// Days after its due date from which a unit keeps its borrower from asking for more; `None`: it never does.
    pub block_overdue_after_days: Option<i32>,
}

/// The number that lies outside of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be between {} and {}", allowed.start(), allowed.end())]
pub struct OutOfRange {
    pub name: &'static str,
    pub allowed: RangeInclusive<i32>,
}

impl LabNumbers {
    /// # Errors
    /// Every number that lies outside of its range.
    pub fn check(&self) -> Result<(), Vec<OutOfRange>> {
        let numbers = [
            ("buffer_after_return_hours", Some(self.buffer_after_return_hours), 0..=168),
            ("release_uncollected_after_days", Some(self.release_uncollected_after_days), 1..=60),
            ("remind_approvers_after_hours", Some(self.remind_approvers_after_hours), 1..=720),
            ("hold_hours", Some(self.hold_hours), 1..=336),
            ("extensions_max", Some(self.extensions_max), 0..=20),
            ("extension_days_max", Some(self.extension_days_max), 0..=366),
            ("block_overdue_after_days", self.block_overdue_after_days, 0..=365),
        ];
        let wrong = numbers.into_iter().filter_map(|(name, number, allowed)| {
            number.is_some_and(|number| !allowed.contains(&number)).then_some(OutOfRange { name, allowed })
        });
        let wrong: Vec<_> = wrong.collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// What differs, in words, like `hold_hours 24 → 48`.
    fn told_from(&self, before: &Self) -> String {
        let word = |days: Option<i32>| days.map_or_else(|| "never".to_owned(), |days| days.to_string());
        let (a, b) = (before, self);
        let pairs = [
            (
                "buffer_after_return_hours",
                a.buffer_after_return_hours.to_string(),
                b.buffer_after_return_hours.to_string(),
            ),
            (
                "release_uncollected_after_days",
                a.release_uncollected_after_days.to_string(),
                b.release_uncollected_after_days.to_string(),
            ),
            (
                "remind_approvers_after_hours",
                a.remind_approvers_after_hours.to_string(),
                b.remind_approvers_after_hours.to_string(),
            ),
            ("hold_hours", a.hold_hours.to_string(), b.hold_hours.to_string()),
            ("extensions_max", a.extensions_max.to_string(), b.extensions_max.to_string()),
            ("extension_days_max", a.extension_days_max.to_string(), b.extension_days_max.to_string()),
            ("block_overdue_after_days", word(a.block_overdue_after_days), word(b.block_overdue_after_days)),
        ];
        let told = pairs.iter().filter(|(_, before, after)| before != after);
        told.map(|(name, before, after)| format!("{name} {before} → {after}")).collect::<Vec<_>>().join(", ")
    }
}

impl LabSettings {
    /// Other numbers from now on. The same ones change nothing and leave no history.
    pub fn change(self, by: UserId, numbers: LabNumbers) -> Change {
        let mut change = Change::default();
        if numbers != self.numbers {
            let cause = Cause::new(Actor::User(by), "lab_settings_changed").because(numbers.told_from(&self.numbers));
            change.history.push(entry(Entity::LabSettings, self.id, None, "changed", &cause));
            change.writes.push(Write::UpdateLabSettings(Self { numbers, ..self }));
        }
        change
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const DEFAULTS: LabNumbers = LabNumbers {
        buffer_after_return_hours: 0,
        release_uncollected_after_days: 3,
        remind_approvers_after_hours: 24,
        hold_hours: 24,
        extensions_max: 2,
        extension_days_max: 14,
        block_overdue_after_days: Some(7),
    };

    #[test]
    fn every_number_outside_of_its_range_is_named() {
        let numbers = LabNumbers { hold_hours: 0, block_overdue_after_days: Some(366), ..DEFAULTS };
        let wrong = numbers.check().unwrap_err();
        let names: Vec<_> = wrong.iter().map(|wrong| wrong.name).collect();
        assert_eq!(names, ["hold_hours", "block_overdue_after_days"]);
        assert_eq!(wrong[0].to_string(), "must be between 1 and 336");
        assert_eq!(LabNumbers { block_overdue_after_days: None, ..DEFAULTS }.check(), Ok(()));
    }

    #[test]
    fn history_tells_which_numbers_changed_and_the_same_numbers_change_nothing() {
        let settings = LabSettings { id: Uuid::nil(), numbers: DEFAULTS, version: 1 };
        let changed = LabNumbers { hold_hours: 48, block_overdue_after_days: None, ..DEFAULTS };
        let change = settings.change(UserId::generate(), changed);
        assert_eq!(change.history[0].reason.as_deref(), Some("hold_hours 24 → 48, block_overdue_after_days 7 → never"));
        assert_eq!(settings.change(UserId::generate(), DEFAULTS), Change::default());
    }
}
