//! Whether two bodies have one shape: the same keys, the same types, the same envelope.

use serde_json::Value;

/// Keys whose value a real Snipe-IT leaves null when it has none; the simulated lab has other things than the recorded one.
const NULLABLE: &[&str] = &[
    "assigned_to",
    "assigned_type",
    "category",
    "checkin_counter",
    "color",
    "created_at",
    "created_by",
    "deleted_at",
    "department",
    "employee_num",
    "expected_checkin",
    "fieldset",
    "last_checkin",
    "last_checkout",
    "last_name",
    "locale",
    "location",
    "location_id",
    "log_meta",
    "manufacturer",
    "model_number",
    "name",
    "note",
    "notes",
    "order_number",
    "purchase_cost",
    "purchase_date",
    "rtd_location",
    "rtd_location_id",
    "serial",
    "supplier",
    "supplier_id",
    "target",
    "updated_at",
    "user_agent",
    "warranty_expires",
    "warranty_months",
    "_snipeit_condition_3",
    "_snipeit_firmware_2",
    "_snipeit_mac_address_1",
];

/// Objects whose keys are data rather than shape.
const OPEN: &[&str] = &["log_meta", "permissions"];

/// Where the bodies differ, as `path: how`. Paths under `ignored` are skipped.
pub fn differences(recorded: &Value, simulated: &Value, ignored: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    Comparison { ignored, found: &mut found }.compare("", recorded, simulated);
    found
}

struct Comparison<'a> {
    ignored: &'a [&'a str],
    found: &'a mut Vec<String>,
}

impl Comparison<'_> {
    fn compare(&mut self, path: &str, recorded: &Value, simulated: &Value) {
        let key = path.rsplit('.').next().unwrap_or_default();
        if self.ignored.contains(&path) {
            return;
        }
        match (recorded, simulated) {
            _ if path == "status" || path == "messages" || path == "message" => {
                if recorded != simulated {
                    self.found.push(format!("{path}: recorded {recorded}, simulated {simulated}"));
                }
            }
            (Value::Null, other) | (other, Value::Null) => {
                if !other.is_null() && !NULLABLE.contains(&key) {
                    self.found.push(format!("{path}: recorded {recorded}, simulated {simulated}"));
                }
            }
            (Value::Object(_), Value::Object(_)) if OPEN.contains(&key) => {}
            (Value::Object(old), Value::Object(new)) => {
                for (name, value) in old {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    match new.get(name) {
                        Some(simulated) => self.compare(&path, value, simulated),
                        None if self.ignored.contains(&path.as_str()) => {}
                        None => self.found.push(format!("{path}: missing")),
                    }
                }
                let extra = new.keys().filter(|name| !old.contains_key(*name));
                self.found.extend(extra.map(|name| format!("{path}.{name}: not in the recording")));
            }
            (Value::Array(old), Value::Array(new)) => match (old.first(), new.first()) {
                (Some(old), Some(new)) => self.compare(path, old, new),
                (None, None) => {}
                _ => self.found.push(format!("{path}: recorded {} rows, simulated {}", old.len(), new.len())),
            },
            _ if std::mem::discriminant(recorded) == std::mem::discriminant(simulated) => {}
            _ => self.found.push(format!("{path}: recorded {recorded}, simulated {simulated}")),
        }
    }
}

#[test]
fn a_missing_key_an_extra_one_and_another_type_are_told_apart() {
    let recorded = serde_json::json!({"id": 1, "row": {"tag": "a"}, "gone": true});
    let simulated = serde_json::json!({"id": "1", "row": {"tag": "b"}, "new": 1});

    let found = differences(&recorded, &simulated, &[]);

    assert_eq!(found, ["gone: missing", "id: recorded 1, simulated \"1\"", ".new: not in the recording"]);
}
