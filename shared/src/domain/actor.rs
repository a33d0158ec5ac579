//! Who made something happen: every row of history names one.

use super::id::UserId;
use serde::Serialize;

/// The author of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    User(UserId),
    /// A rule or a timer of ours.
    System,
    /// What Snipe-IT answered or was seen to say.
    Snipeit,
}

impl Actor {
    pub fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::System => "system",
            Self::Snipeit => "snipeit",
        }
    }

    pub fn user_id(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::System | Self::Snipeit => None,
        }
    }
}
