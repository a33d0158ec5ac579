//! What a notification tells beside its event.

use crate::domain::{person::Language, reason::Reason};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Verbatim: a person's words, Snipe-IT's, or the name of what is kept.
    Said(String),
    /// Ours, in the language of whoever reads it.
    Reason(Reason),
}

impl Message {
    pub fn said(text: &str) -> Self {
        Self::Said(text.to_owned())
    }

    /// As it was stored. What is older than grounds are is told as it stands.
    pub fn from_stored(text: Option<String>, grounds: Option<Value>) -> Option<Self> {
        let reason = grounds.and_then(|grounds| Reason::from_stored(Some(grounds), None));
        reason.map(Self::Reason).or(text.map(Self::Said))
    }

    pub fn in_words(&self, language: Language) -> String {
        match self {
            Self::Said(text) => text.clone(),
            Self::Reason(reason) => reason.in_words(language),
        }
    }

    /// What is stored beside its words.
    pub fn grounds(&self) -> Option<Value> {
        match self {
            Self::Said(_) => None,
            Self::Reason(reason) => Some(reason.to_json()),
        }
    }
}
