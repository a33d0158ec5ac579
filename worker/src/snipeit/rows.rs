//! A list, read row by row: as one tree of values a page of 500 assets takes ten times the memory of its text.
//!
//! Reads what looks like a list and nothing else; whatever it does not understand is for `classify` to explain.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::reads::{Page, Unreadable};
use super::wire::{self, Malformed};

type ReadRow<T> = fn(&Value) -> Result<T, Malformed>;

/// `{"total": 2, "rows": [{…}, {…}]}`
pub(super) fn read<T>(body: &[u8], row: ReadRow<T>) -> Option<Page<T>> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let page = List(row).deserialize(&mut json).ok()?;
    json.end().ok()?;
    page
}

struct List<T>(ReadRow<T>);

impl<'de, T> DeserializeSeed<'de> for List<T> {
    type Value = Option<Page<T>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, T> Visitor<'de> for List<T> {
    type Value = Option<Page<T>>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a list with its total")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let (mut total, mut rows) = (None, None);
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "total" => total = Some(fields.next_value::<u64>()?),
                "rows" => rows = Some(fields.next_value_seed(Rows(self.0))?),
                // An envelope around something else.
                "status" => return Err(serde::de::Error::custom("no list")),
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(total.zip(rows).map(|(total, (rows, unreadable))| Page { total, rows, unreadable }))
    }
}

struct Rows<T>(ReadRow<T>);

impl<'de, T> DeserializeSeed<'de> for Rows<T> {
    type Value = (Vec<T>, Vec<Unreadable>);

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, T> Visitor<'de> for Rows<T> {
    type Value = (Vec<T>, Vec<Unreadable>);

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("rows")
    }

    /// One bad row does not hide the others.
    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
        while let Some(value) = values.next_element::<Value>()? {
            match (self.0)(&value) {
                Ok(row) => rows.push(row),
                Err(what) => unreadable.push(wire::unreadable(&value, what)),
            }
        }
        Ok((rows, unreadable))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(row: &Value) -> Result<String, Malformed> {
        row["tag"].as_str().map(str::to_owned).ok_or_else(|| "no tag".to_owned())
    }

    #[test]
    fn rows_that_cannot_be_read_stand_beside_those_that_can() {
        let page =
            read(br#"{"total":9,"x":[1],"rows":[{"id":1,"tag":"a"},{"id":2},{"id":3,"tag":"c"}]}"#, tag).unwrap();

        assert_eq!((page.total, page.rows), (9, vec!["a".to_owned(), "c".to_owned()]));
        assert_eq!(page.unreadable, [Unreadable { id: Some(2), what: "no tag".to_owned(), updated_at: None }]);
    }

    #[test]
    fn what_is_no_list_is_left_to_others() {
        for body in ["", "null", "[]", r#"{"total":1}"#, r#"{"rows":[]}"#, r#"{"total":0,"rows":null}"#, "<html>"] {
            assert!(read(body.as_bytes(), tag).is_none(), "{body}");
        }
        assert!(read(br#"{"status":"error","total":0,"rows":[]}"#, tag).is_none());
        assert!(read(br#"{"total":0,"rows":[]} and more"#, tag).is_none());
    }
}
