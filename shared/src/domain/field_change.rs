//! What said something else before, field by field, beside a row of history.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldChange {
    /// As clients call it.
    pub field: Cow<'static, str>,
    /// Null: nothing.
    pub before: Value,
    pub after: Value,
}

impl FieldChange {
    /// `None` where nothing differs.
    pub fn between<T: Serialize + PartialEq>(field: &'static str, before: &T, after: &T) -> Option<Self> {
        let differs = before != after;
        differs.then(|| Self { field: Cow::Borrowed(field), before: json!(before), after: json!(after) })
    }
}
