//! The OpenAPI document says what is true: every handler is in it, and real answers are as it says.

use super::{
    app::App,
    findings::operation_with_person,
    given::{self, Lab, id_of},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

#[tokio::test]
async fn every_handler_is_in_the_document() {
    let app = App::start().await;
    let document = app.get("", "/openapi.json").await.expect(200);

    let documented: usize =
        document["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src"));
    let handlers: usize = sources.iter().map(|source| source.matches("#[utoipa::path(").count()).sum();
    let registered: usize = sources.iter().flat_map(|source| source.split("routes!(").skip(1)).map(arguments).sum();

    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(documented, handlers);
    assert_eq!(registered, handlers);
    let elsewhere = sources.iter().flat_map(|source| source.lines()).filter(|line| line.contains(".route(")).count();
    assert_eq!(elsewhere, 1, "only the metrics, on a listener of their own, are outside of the document");
}

#[tokio::test]
async fn every_operation_says_who_may_use_it() {
    let app = App::start().await;
    let document = app.get("", "/openapi.json").await.expect(200);

    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let words = operation["summary"].as_str().unwrap_or_default().to_owned()
                + operation["description"].as_str().unwrap_or_default();
            assert!(words.contains("Rule: "), "{method} {path}: {words}");
        }
    }
}

#[tokio::test]
async fn real_answers_are_as_the_document_says() {
    let lab = given::a_lab().await;
    let model = given::free_model(&lab.app, 2, &lab.admin).await;
    let document = lab.app.get("", "/openapi.json").await.expect(200);
    let submitted = given::submitted(&lab, &model).await;
    check(&document, "post", "/v1/requisitions", 202, &submitted);
    given::checked_out(&lab, &submitted).await;
    let requisition = id_of(&submitted);
    let (_, finding) = operation_with_person(&lab).await;

    for (template, path) in [
        ("/v1/requisitions", "/v1/requisitions".to_owned()),
        ("/v1/requisitions/{id}", format!("/v1/requisitions/{requisition}")),
        ("/v1/loans", "/v1/loans".to_owned()),
        ("/v1/loans/{id}/history", format!("/v1/loans/{}/history", id_of(&submitted["loans"][0]))),
        ("/v1/equipment/{id}/history", format!("/v1/equipment/{}/history", model.units[0])),
        ("/v1/users/{id}/history", format!("/v1/users/{}/history", lab.member.id)),
        ("/v1/reports/lab", "/v1/reports/lab?from=2026-01-01&to=2030-01-01".to_owned()),
        ("/v1/projects/{id}/report", format!("/v1/projects/{}/report?from=2026-01-01&to=2030-01-01", lab.project)),
        ("/v1/projects", "/v1/projects".to_owned()),
        ("/v1/projects/{id}", format!("/v1/projects/{}", lab.project)),
        ("/v1/projects/{id}/members", format!("/v1/projects/{}/members", lab.project)),
        ("/v1/equipment-models", "/v1/equipment-models".to_owned()),
        ("/v1/equipment-models/{id}", format!("/v1/equipment-models/{}", model.id)),
        ("/v1/equipment-models/{id}/equipment", format!("/v1/equipment-models/{}/equipment", model.id)),
        ("/v1/users", "/v1/users".to_owned()),
        ("/v1/users/me", "/v1/users/me".to_owned()),
        ("/v1/users/{id}", format!("/v1/users/{}", lab.member.id)),
        ("/v1/tokens", "/v1/tokens".to_owned()),
        ("/v1/notifications", "/v1/notifications".to_owned()),
        ("/v1/notifications/unread-count", "/v1/notifications/unread-count".to_owned()),
        ("/v1/letters", "/v1/letters".to_owned()),
        ("/v1/users/me/preferences", "/v1/users/me/preferences".to_owned()),
        ("/v1/findings", "/v1/findings".to_owned()),
        ("/v1/findings/{id}", format!("/v1/findings/{finding}")),
        ("/v1/status", "/v1/status".to_owned()),
        ("/readyz", "/readyz".to_owned()),
        ("/problems", "/problems".to_owned()),
        ("/problems/{name}", "/problems/not-lent".to_owned()),
    ] {
        let reply = lab.app.get(&lab.technician.token, &path).await.expect(200);
        check(&document, "get", template, 200, &reply);
    }
    check_refusal(&lab, &document).await;
}

async fn check_refusal(lab: &Lab, document: &Value) {
    let problem = lab.app.post(&lab.member.token, "/v1/requisitions", &json!({})).await.expect(422);
    check(document, "post", "/v1/requisitions", 422, &problem);
}

#[tokio::test]
async fn the_readable_page_needs_nothing_from_elsewhere() {
    let app = App::start().await;

    let page = app.get("", "/docs/").await.expect(200).to_string();

    assert!(page.contains("swagger-ui"), "{page}");
    assert!(!page.contains("https://"), "{page}");
}

fn check(document: &Value, method: &str, path: &str, status: u16, answer: &Value) {
    let wrong = wrong_answer(document, method, path, status, answer);
    assert!(wrong.is_empty(), "{wrong:#?}\n{answer:#}");
}

/// What the document does not say of an answer.
pub(super) fn wrong_answer(document: &Value, method: &str, path: &str, status: u16, answer: &Value) -> Vec<String> {
    let response = &document["paths"][path][method]["responses"][status.to_string()];
    let content = response["content"].as_object().and_then(|content| content.values().next());
    match content {
        // What is meant for a spreadsheet is text, and the document says no more of it.
        Some(_) if answer.is_string() && response["content"]["text/csv"].is_object() => Vec::new(),
        Some(content) => misfits(document, &content["schema"], answer, &format!("{method} {path}")),
        None if status == 204 && response.is_object() => Vec::new(),
        None => vec![format!("{method} {path}: the document knows no answer {status} with a body")],
    }
}

/// As much of JSON Schema as the document uses.
fn misfits(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("no {name}"));
        return misfits(document, target, value, at);
    }
    if let Some(all) = schema["allOf"].as_array() {
        return all.iter().flat_map(|part| misfits(document, part, value, at)).collect();
    }
    if let Some(one) = schema["oneOf"].as_array() {
        let fits = one.iter().any(|part| misfits(document, part, value, at).is_empty());
        return if fits { Vec::new() } else { vec![format!("{at}: {value} is none of {one:?}")] };
    }
    let mut wrong = Vec::new();
    if !has_type(schema, value) {
        wrong.push(format!("{at}: {value} is no {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        wrong.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            wrong.push(format!("{at}: {name} is missing"));
        }
    }
    if let (Some(properties), Some(fields)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, part) in properties {
            if let Some(field) = fields.get(name) {
                wrong.extend(misfits(document, part, field, &format!("{at}/{name}")));
            }
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        wrong.extend(misfits(document, &schema["items"], item, &format!("{at}/{index}")));
    }
    wrong
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a type that this test does not know: {other}"),
    };
    match &schema["type"] {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn arguments(after_macro: &str) -> usize {
    after_macro.split(')').next().unwrap().split(',').filter(|name| !name.trim().is_empty()).count()
}

fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![fs::read_to_string(path).unwrap()] })
        .collect()
}
