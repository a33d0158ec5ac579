//! API tokens: who comes in as whom. The secret is known to nobody here, only what it is compared with.

use super::{
    actor::Actor,
    change::{Cause, Change, Entity, Write, entry},
    id::{TokenId, UserId},
};
use chrono::{DateTime, Utc};

/// What a history row says of a token that opens something until its time is over.
const ISSUED: &str = "issued";
/// And of one that opens nothing any more.
const REVOKED: &str = "revoked";

/// A token to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    pub id: TokenId,
    pub user_id: UserId,
    pub prefix: String,
    pub hash: [u8; 32],
    /// What it is for.
    pub label: String,
    pub expires_at: DateTime<Utc>,
}

/// A token as its owner sees it: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub user_id: UserId,
    pub prefix: String,
    pub label: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl NewToken {
    /// History says what it is for.
    pub fn issue(self, by: Actor) -> Change {
        let cause = Cause::new(by, "issued").because(self.label.as_str());
        let mut change = Change::default();
        change.history.push(entry(Entity::Token, self.id.0, None, ISSUED, &cause));
        change.writes.push(Write::InsertToken(self));
        change
    }
}

impl Token {
    /// From now on it opens nothing. Once more changes nothing: the first revocation counts.
    pub fn revoke(&self, cause: &Cause) -> Change {
        let mut change = Change::default();
        if self.revoked_at.is_none() {
            change.history.push(entry(Entity::Token, self.id.0, Some(ISSUED), REVOKED, cause));
            change.writes.push(Write::RevokeToken(self.id));
        }
        change
    }
}
