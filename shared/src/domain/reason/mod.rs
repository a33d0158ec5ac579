//! Why something is so, where the lab says it by itself: data, put into words where somebody reads it, in their language.
//!
//! What a person or Snipe-IT has said is no reason of this kind: it is told as it was said.

mod en;
mod pt;
#[cfg(test)]
mod tests;

use super::{
    approval::Conditions,
    operation::{Missed, PersonNeeded},
    person::Language,
    quota::{Exceeded, QuotaSubject},
    requisition::MustBeDecided,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One ground after the other, in the order in which they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(Vec<Ground>);

/// Stored: a variant may be added, its name and fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ground", rename_all = "snake_case")]
pub enum Ground {
    /// A person's words beside the lab's grounds; or the lab's own of then, where they are older than grounds are.
    Said {
        text: String,
    },
    /// It is not what they have read.
    Edited,
    Rule {
        position: i32,
        conditions: Conditions,
    },
    /// The rule before it fits because lines of one model, or category, count together.
    LinesTogether,
    AsTheModelSays,
    QuotaGoneOver,
    /// Admins set the rules.
    OwnRules,
    NoSupervisor,
    OnlyAskersSupervise,
    ByRoleOfEditor,
    OverQuota(Exceeded),
    /// With Snipe-IT's own words, where it said no.
    NotCheckedOut {
        missed: Missed,
        refusal: Option<String>,
    },
    NoOtherUnitFree,
    NotDecidedInTime,
    /// It goes out by itself, and could not until its time was over.
    NotCheckedOutInTime,
    /// By a technician.
    GivenUp,
    PersonNeeded {
        why: PersonNeeded,
    },
    /// Why the rule does not grant more time.
    MustBeDecided {
        why: MustBeDecided,
    },
}

impl Reason {
    /// Words that were stored before grounds were.
    pub fn said(text: String) -> Self {
        Ground::Said { text }.into()
    }

    /// As it was stored: the grounds, else the words of then. Grounds that a later version wrote are not known here, and
    /// stand in the words as well.
    pub fn from_stored(grounds: Option<Value>, text: Option<String>) -> Option<Self> {
        let known = grounds.and_then(|grounds| serde_json::from_value(grounds).ok());
        known.or_else(|| text.map(Self::said))
    }

    #[must_use]
    pub fn and(mut self, ground: Ground) -> Self {
        self.0.push(ground);
        self
    }

    pub fn has(&self, ground: &Ground) -> bool {
        self.0.contains(ground)
    }

    pub fn in_words(&self, language: Language) -> String {
        let told: Vec<_> = self.0.iter().map(|ground| ground.in_words(language)).collect();
        told.join("; ")
    }

    /// As stored beside the words.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("grounds have words for keys")
    }
}

impl From<Ground> for Reason {
    fn from(ground: Ground) -> Self {
        Self(vec![ground])
    }
}

impl FromIterator<Ground> for Reason {
    fn from_iter<I: IntoIterator<Item = Ground>>(grounds: I) -> Self {
        Self(grounds.into_iter().collect())
    }
}

impl IntoIterator for Reason {
    type Item = Ground;
    type IntoIter = std::vec::IntoIter<Ground>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Ground {
    fn in_words(&self, language: Language) -> String {
        match language {
            Language::En => en::ground(self),
            Language::Pt => pt::ground(self),
        }
    }
}

impl QuotaSubject {
    /// Like `units_out of a project, category Oscilloscopes`.
    pub fn in_words(&self) -> String {
        en::quota(self)
    }
}
