//! Admins set, change and remove quotas; a removed one stays, for what was measured by it.

use super::Quota;
use crate::domain::{
    actor::Actor,
    change::{Cause, Change, Entity, Write, entry},
    id::UserId,
};
use chrono::{DateTime, Utc};

const SET: &str = "set";
const REMOVED: &str = "removed";

impl Quota {
    /// From now on it holds.
    pub fn create(self, by: UserId) -> Change {
        let told = format!("{}: {}", self.subject().in_words(), self.most);
        let mut change = Change::default();
        let cause = Cause::new(Actor::User(by), "quota_set").because(told);
        change.history.push(entry(Entity::Quota, self.id.0, None, SET, &cause));
        change.writes.push(Write::InsertQuota(self));
        change
    }

    /// Another limit from now on. The same one changes nothing.
    pub fn limit(self, by: UserId, most: i64) -> Change {
        let mut change = Change::default();
        if most != self.most {
            let told = format!("{}: {} → {most}", self.subject().in_words(), self.most);
            let cause = Cause::new(Actor::User(by), "quota_changed").because(told);
            change.history.push(entry(Entity::Quota, self.id.0, Some(SET), SET, &cause));
            change.writes.push(Write::UpdateQuota(Self { most, ..self }));
        }
        change
    }

    /// It holds no longer. Once more changes nothing.
    pub fn remove(self, by: UserId, now: DateTime<Utc>) -> Change {
        let mut change = Change::default();
        if self.removed_at.is_none() {
            let cause = Cause::new(Actor::User(by), "quota_removed");
            change.history.push(entry(Entity::Quota, self.id.0, Some(SET), REMOVED, &cause));
            change.writes.push(Write::UpdateQuota(Self { removed_at: Some(now), ..self }));
        }
        change
    }
}
