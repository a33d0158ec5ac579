//! What a client sent, read as leniently as PHP reads it: JSON, a form, or nothing at all.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};

/// The fields of a query or a body. Strings that are blank count as absent, as Laravel's middleware makes them null.
#[derive(Debug, Default, Clone)]
pub(super) struct Input {
    fields: Map<String, Value>,
    pub(super) is_broken: bool,
}

impl Input {
    pub(super) fn query(text: &str) -> Self {
        Self::form(text)
    }

    /// A body counts as JSON only if its `Content-Type` says so; otherwise its JSON is ignored.
    pub(super) fn body(headers: &HeaderMap, bytes: &[u8]) -> Self {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.contains("json") {
            Self::json(bytes)
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            Self::form(&String::from_utf8_lossy(bytes))
        } else {
            Self::default()
        }
    }

    fn json(bytes: &[u8]) -> Self {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Self { fields, is_broken: false },
            Ok(_) => Self::default(),
            Err(_) => Self { fields: Map::new(), is_broken: !bytes.is_empty() },
        }
    }

    fn form(text: &str) -> Self {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            fields.entry(name.trim_end_matches("[]").to_owned()).or_default().push(value.into_owned());
        }
        let single = |mut values: Vec<String>| match values.len() {
            1 => Value::String(values.remove(0)),
            _ => values.into(),
        };
        let fields = fields.into_iter().map(|(name, values)| (name, single(values))).collect();
        Self { fields, is_broken: false }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            _ => true,
        })
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(yes) => Some(i32::from(*yes).to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn numbers(&self, name: &str) -> Vec<i64> {
        match self.value(name) {
            Some(Value::Array(values)) => values.iter().filter_map(|value| value.as_str()?.parse().ok()).collect(),
            _ => self.number(name).into_iter().collect(),
        }
    }

    pub(super) fn date(&self, name: &str) -> Option<NaiveDate> {
        self.moment(name).map(|at| at.date())
    }

    pub(super) fn moment(&self, name: &str) -> Option<NaiveDateTime> {
        parse_moment(&self.text(name)?)
    }
}

/// `Y-m-d`, `Y-m-d H:i:s` or ISO 8601; an offset is accepted and dropped, as the real one does.
pub(super) fn parse_moment(text: &str) -> Option<NaiveDateTime> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_hms_opt(0, 0, 0).expect("midnight exists"));
    }
    let naive = text.get(..19)?.replace('T', " ");
    NaiveDateTime::parse_from_str(&naive, "%Y-%m-%d %H:%M:%S").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_in_a_date_is_accepted_and_dropped() {
        let plain = parse_moment("2026-11-23 10:15:00");
        assert!(plain.is_some());
        assert_eq!(parse_moment("2026-11-23T10:15:00Z"), plain);
        assert_eq!(parse_moment("2026-11-23T10:15:00+05:00"), plain);
        assert_eq!(parse_moment("not-a-date"), None);
    }
}
