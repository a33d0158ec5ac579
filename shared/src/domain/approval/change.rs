//! Admins set, change and switch off rules. What was decided by a rule keeps its words.

use super::ApprovalRule;
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity, Write, entry},
    id::UserId,
};

impl ApprovalRule {
    /// From now on it is asked.
    pub fn create(self, by: UserId) -> Change {
        let mut change = Change::default();
        let cause = Cause::new(Actor::User(by), "approval_rule_set").because(self.told());
        change.history.push(entry(Entity::ApprovalRule, self.id.0, None, self.word(), &cause));
        change.writes.push(Write::InsertApprovalRule(self));
        change
    }

    /// The same once more changes nothing.
    pub fn change(&self, by: UserId, after: Self) -> Change {
        let mut change = Change::default();
        if *self != after {
            let told = format!("{} → {}", self.told(), after.told());
            let cause = Cause::new(Actor::User(by), "approval_rule_changed").because(told);
            change.history.push(entry(Entity::ApprovalRule, self.id.0, Some(self.word()), after.word(), &cause));
            change.writes.push(Write::UpdateApprovalRule(after));
        }
        change
    }

    fn told(&self) -> String {
        format!("{}: {}", self.in_words(), self.outcome)
    }

    fn word(&self) -> &'static str {
        if self.enabled { "on" } else { "off" }
    }
}
