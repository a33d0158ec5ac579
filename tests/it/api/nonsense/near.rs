//! Values near a schema: most fit it, some have the wrong type, are too large, too long or hardly text at all.

use super::super::given::Lab;
use chrono::{TimeDelta, Utc};
use proptest::{option, prelude::*, sample::select};
use serde_json::{Value, json as literal};
use std::collections::BTreeMap;

pub(super) const ODD_TEXTS: [&str; 16] = [
    "",
    "\0",
    "a\0b",
    "💥🧪",
    "é\u{301}\u{202e}",
    "'; drop table users; --",
    "' or '1'='1",
    "%' or 1=1",
    "a\r\nSet-Cookie: x=1",
    "99999999999999999999",
    "-1",
    "1e309",
    "NaN",
    "null",
    "../../etc/passwd",
    "{{7*7}}",
];

/// What strategies know of the api: its document, and ids that exist.
pub(super) struct World {
    pub(super) document: Value,
    /// By the last word of the list's address, like `equipment-models`.
    ids: BTreeMap<String, Vec<String>>,
}

impl World {
    pub(super) async fn of(lab: &Lab) -> Self {
        let document = lab.app.get("", "/openapi.json").await.expect(200);
        let mut ids = BTreeMap::new();
        for (path, _) in document["paths"].as_object().unwrap().iter().filter(|(path, item)| is_list(path, item)) {
            let listed = lab.app.get(&lab.admin.token, path).await.expect(200);
            let items = listed["items"].as_array().or(listed.as_array()).into_iter().flatten();
            // Tests begin with tokens called `test`: nobody revokes those of the callers.
            let theirs = items.filter(|item| item["label"] != "test").filter_map(|item| item["id"].as_str());
            ids.insert(path.rsplit('/').next().unwrap().to_owned(), theirs.map(str::to_owned).collect());
        }
        Self { document, ids }
    }

    /// An id of what a list or a field is called after, or of anything.
    pub(super) fn id_of(&self, name: &str) -> BoxedStrategy<String> {
        let any = any::<u128>().prop_map(|bits| uuid::Uuid::from_u128(bits).to_string());
        prop_oneof![8 => select(self.known(name)), 1 => any].boxed()
    }

    pub(super) fn known(&self, name: &str) -> Vec<String> {
        let noun = name.trim_end_matches("_id").replace(['_', 's'], "");
        let named = self.ids.iter().filter(|(list, _)| !noun.is_empty() && list.replace('s', "").contains(&noun));
        let known: Vec<String> = named.flat_map(|(_, ids)| ids.clone()).collect();
        if known.is_empty() { self.ids.values().flatten().cloned().collect() } else { known }
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(name) => self.document.pointer(name.trim_start_matches('#')).unwrap(),
            None => schema,
        }
    }
}

/// What needs to be told nothing.
fn is_list(path: &str, item: &Value) -> bool {
    let Some(get) = item.get("get") else { return false };
    let mut parameters = get["parameters"].as_array().into_iter().flatten();
    path.starts_with("/v1/") && !path.contains('{') && !parameters.any(|parameter| parameter["required"] == true)
}

pub(super) fn near(world: &World, name: &str, schema: &Value) -> BoxedStrategy<Value> {
    prop_oneof![14 => fitting(world, name, schema), 1 => json(), 1 => extreme()].boxed()
}

pub(super) fn fitting(world: &World, name: &str, schema: &Value) -> BoxedStrategy<Value> {
    let schema = world.resolve(schema);
    if let Some(one) = schema["oneOf"].as_array() {
        let ways: Vec<_> = one.iter().map(|way| fitting(world, name, way)).collect();
        return proptest::strategy::Union::new(ways).boxed();
    }
    if let Some(words) = schema["enum"].as_array() {
        return select(words.clone()).boxed();
    }
    match kind(schema) {
        "string" => string(world, name, schema["format"].as_str()),
        "integer" | "number" => (1..=3_i64).prop_map(Value::from).boxed(),
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "array" => prop::collection::vec(near(world, name, &schema["items"]), 0..4).prop_map(Value::from).boxed(),
        "object" => object(world, schema),
        _ => Just(Value::Null).boxed(),
    }
}

/// The first type that is not null.
fn kind(schema: &Value) -> &str {
    let types = schema["type"].as_array().into_iter().flatten().chain([&schema["type"]]);
    types.filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
}

fn object(world: &World, schema: &Value) -> BoxedStrategy<Value> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut fields: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        let often = if required.contains(&name.as_str()) { 0.97 } else { 0.5 };
        let named = name.clone();
        fields.push(
            option::weighted(often, near(world, name, part).prop_map(move |value| (named.clone(), value))).boxed(),
        );
    }
    fields.push(option::weighted(0.05, (text(), json())).boxed());
    fields.prop_map(|fields| fields.into_iter().flatten().collect()).boxed()
}

fn string(world: &World, name: &str, format: Option<&str>) -> BoxedStrategy<Value> {
    let words = match format {
        Some("uuid") => world.id_of(name),
        Some("date-time") => {
            let soon = (1..60_i64).prop_map(|days| (Utc::now() + TimeDelta::days(days)).to_rfc3339());
            prop_oneof![6 => soon, 1 => odd_time()].boxed()
        }
        Some("email") => "[a-z]{1,12}@lab\\.example".boxed(),
        _ => prop_oneof![6 => "[A-Za-z ]{1,30}", 1 => text()].boxed(),
    };
    words.prop_map(Value::from).boxed()
}

fn odd_time() -> BoxedStrategy<String> {
    select(vec![
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "-9999-01-01T00:00:00Z",
        "+262142-12-31T23:59:59Z",
        "2026-02-30T00:00:00Z",
        "2026-12-31T23:59:60Z",
        "2027-01-01T00:00:00-23:59",
        "2027-01-01",
    ])
    .prop_map(str::to_owned)
    .boxed()
}

/// Anything that can be written down.
pub(super) fn text() -> BoxedStrategy<String> {
    let odd = select(&ODD_TEXTS[..]).prop_map(str::to_owned);
    prop_oneof![4 => odd, 2 => any::<String>(), 1 => Just("x".repeat(5000))].boxed()
}

fn extreme() -> BoxedStrategy<Value> {
    let nested = (0..100).fold(literal!(1), |inner, _| literal!([inner]));
    let values = [
        literal!(i64::MIN),
        literal!(i64::MAX),
        literal!(u64::MAX),
        literal!(i64::from(i32::MAX) + 1),
        literal!(-1),
        literal!(0),
        literal!(1.5),
        literal!(1e308),
        literal!(null),
        literal!(true),
        literal!({}),
        literal!([]),
        Value::from(vec![literal!({}); 200]),
        nested,
    ];
    prop_oneof![2 => select(values.to_vec()), 1 => text().prop_map(Value::from)].boxed()
}

/// Any JSON.
pub(super) fn json() -> BoxedStrategy<Value> {
    extreme()
        .prop_recursive(3, 16, 4, |inner| {
            let named = prop::collection::vec((text(), inner.clone()), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                named.prop_map(|fields| fields.into_iter().collect::<Value>()),
            ]
        })
        .boxed()
}
