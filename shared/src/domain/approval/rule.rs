//! One rule: conditions, all of which a line must meet, and what follows.

use super::{Facts, Need};
use crate::domain::{
    id::{ApprovalRuleId, ModelId},
    money::Cents,
    user::Role,
};
use chrono::Duration;

/// The schema holds the same numbers.
pub const HIGHEST_POSITION: i32 = 1_000_000;
pub const MOST_DAYS: i32 = 366;
pub const MOST_UNITS: i32 = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRule {
    pub id: ApprovalRuleId,
    /// Rules are asked in this order, those of one position by age; the first that fits counts.
    pub position: i32,
    pub conditions: Conditions,
    pub outcome: Need,
    /// Switched off, it fits nothing; rules are never deleted.
    pub enabled: bool,
    pub version: i32,
}

/// `None`: whatever it is. Without any condition a rule fits everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions {
    /// As Snipe-IT names it, whatever its case.
    pub category: Option<String>,
    pub model_id: Option<ModelId>,
    /// What the units of the line cost together, at the least. A line whose cost nobody knows does not meet it.
    pub value_from: Option<Cents>,
    /// The loan is longer than so many days.
    pub longer_than_days: Option<i32>,
    /// More units than so many are asked for.
    pub more_than_units: Option<i32>,
    pub requester_role: Option<Role>,
    /// Whether the requisition goes over a quota.
    pub over_quota: Option<bool>,
}

impl ApprovalRule {
    pub fn fits(&self, facts: &Facts) -> bool {
        self.enabled && self.conditions.are_met_by(facts)
    }

    /// Like `rule 3: category Oscilloscopes, longer than 14 days`.
    pub fn in_words(&self) -> String {
        format!("rule {}: {}", self.position, self.conditions.in_words())
    }
}

impl Conditions {
    fn are_met_by(&self, facts: &Facts) -> bool {
        let lower = |text: &String| text.to_lowercase();
        let longer = |days: i32| facts.period.due_at - facts.period.starts_at > Duration::days(days.into());
        self.category.as_ref().map(lower).is_none_or(|wanted| facts.category.as_ref().map(lower) == Some(wanted))
            && self.model_id.is_none_or(|model| model == facts.model_id)
            && self.value_from.is_none_or(|least| facts.value().is_some_and(|value| value >= least.get()))
            && self.longer_than_days.is_none_or(longer)
            && self.more_than_units.is_none_or(|units| facts.quantity > units)
            && self.requester_role.is_none_or(|role| role == facts.requester_role)
            && self.over_quota.is_none_or(|over| over == facts.is_over_quota)
    }

    /// For whoever waits because of it; a model is not named, since the line names it.
    pub fn in_words(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.category.as_ref().map(|category| format!("category {category}")));
        parts.extend(self.model_id.map(|_| "this model".to_owned()));
        parts.extend(
            self.value_from.map(|cents| format!("worth {}.{:02} or more", cents.get() / 100, cents.get() % 100)),
        );
        parts.extend(self.longer_than_days.map(|days| format!("longer than {days} days")));
        parts.extend(self.more_than_units.map(|units| format!("more than {units} units")));
        parts.extend(self.requester_role.map(|role| format!("asked for by a {role}")));
        parts.extend(self.over_quota.map(|over| if over { "over a quota" } else { "within the quotas" }.to_owned()));
        if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
    }
}
