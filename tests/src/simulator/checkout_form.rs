//! What the form of a check-out must hold, and the words in which the real one says what is missing.

use makerlab_shared::domain::inventory::LabelKind;
use serde_json::{Map, Value, json};

use super::inventory::Inventory;
use super::visit::Visit;

const TARGETS: [&str; 3] = ["user", "asset", "location"];

pub(super) fn errors(inventory: &Inventory, visit: &Visit) -> Map<String, Value> {
    let body = &visit.body;
    let mut errors = Map::new();
    let mut add = |field: &str, text: String| {
        errors.insert(field.to_owned(), json!([text]));
    };
    let named: Vec<&str> =
        TARGETS.into_iter().filter(|kind| body.value(&format!("assigned_{kind}")).is_some()).collect();
    if named.is_empty() {
        for kind in TARGETS {
            add(&format!("assigned_{kind}"), text_of_missing_target(visit, kind));
        }
    }
    for kind in named {
        if body.number(&format!("assigned_{kind}")).is_none() {
            add(&format!("assigned_{kind}"), format!("The assigned {kind} field must be a number."));
        }
    }
    match body.text("checkout_to_type").as_deref() {
        None => add("checkout_to_type", text_of_missing_type(visit)),
        Some("user" | "asset" | "location") => {}
        Some(_) => add("checkout_to_type", "The selected checkout to type is invalid.".into()),
    }
    for field in ["checkout_at", "expected_checkin"] {
        if body.value(field).is_some() && body.moment(field).is_none() {
            add(field, format!("The {} field must be a valid date.", field.replace('_', " ")));
        }
    }
    if body.value("status_id").is_some() && !is_deployable(inventory, body.number("status_id")) {
        add("status_id", "The selected status id is invalid.".into());
    }
    errors
}

fn is_deployable(inventory: &Inventory, label: Option<i64>) -> bool {
    let label = label.and_then(|id| inventory.labels.get(&id));
    label.is_some_and(|label| label.kind == LabelKind::Deployable)
}

fn text_of_missing_target(visit: &Visit, kind: &str) -> String {
    if visit.speaks_portuguese() {
        return "O campo: atributo é obrigatório quando nenhum de: valores estão presentes.".into();
    }
    let others: Vec<String> =
        TARGETS.into_iter().filter(|other| *other != kind).map(|other| format!("assigned {other}")).collect();
    format!("The assigned {kind} field is required when none of {} are present.", others.join(" / "))
}

fn text_of_missing_type(visit: &Visit) -> String {
    let text = "The checkout to type field is required.";
    if visit.speaks_portuguese() { "checkout to type é obrigatório.".into() } else { text.into() }
}
