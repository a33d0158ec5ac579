//! One rule: conditions, all of which a line must meet, and what follows.

use super::{Amount, Facts, Need};
use crate::domain::{
    id::{ApprovalRuleId, ModelId},
    lab_day::CLOCK_CHANGE,
    money::Cents,
    person::Language,
    reason::{Ground, Reason},
    user::Role,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// As Snipe-IT names it, whatever its case.
    pub category: Option<String>,
    pub model_id: Option<ModelId>,
    /// What the units cost together, at the least: those of all lines of the model, or of the category if the rule is
    /// about one. What nobody knows the cost of does not meet it.
    pub value_from: Option<Cents>,
    /// The loan is longer than so many days.
    pub longer_than_days: Option<i32>,
    /// More units than so many are asked for, counted as above.
    pub more_than_units: Option<i32>,
    pub requester_role: Option<Role>,
    /// Whether the requisition goes over a quota.
    pub over_quota: Option<bool>,
}

impl ApprovalRule {
    pub fn fits(&self, facts: &Facts) -> bool {
        self.enabled && self.conditions.are_met_by(facts)
    }

    /// Like `rule 3: category Oscilloscopes, longer than 14 days`, as the API answers.
    pub fn in_words(&self) -> String {
        Reason::from(self.ground()).in_words(Language::En)
    }

    /// As it stands now, since it may be changed later.
    pub fn ground(&self) -> Ground {
        Ground::Rule { position: self.position, conditions: self.conditions.clone() }
    }
}

impl Conditions {
    fn are_met_by(&self, facts: &Facts) -> bool {
        let lower = |text: &String| text.to_lowercase();
        let asked = self.amount_of(facts);
        let length = facts.period.due_at - facts.period.starts_at;
        let longer = |days: i32| length > TimeDelta::days(days.into()) + CLOCK_CHANGE;
        self.category.as_ref().map(lower).is_none_or(|wanted| facts.category.as_ref().map(lower) == Some(wanted))
            && self.model_id.is_none_or(|model| model == facts.model_id)
            && self.value_from.is_none_or(|least| asked.value.is_some_and(|value| value >= least.get()))
            && self.longer_than_days.is_none_or(longer)
            && self.more_than_units.is_none_or(|units| asked.units > units)
            && self.requester_role.is_none_or(|role| role == facts.requester_role)
            && self.over_quota.is_none_or(|over| over == facts.is_over_quota)
    }

    fn amount_of(&self, facts: &Facts) -> Amount {
        let is_of_category = self.category.is_some() && self.model_id.is_none();
        if is_of_category { facts.of_same_category } else { facts.of_same_model }
    }
}
