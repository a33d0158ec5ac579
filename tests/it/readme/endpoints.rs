//! The table of endpoints is the OpenAPI document's: path, what for, who may.

use super::assert_block;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use makerlab_api::{AppState, router};
use makerlab_shared::{relay::Relay, settings::BrokerSettings};
use serde_json::Value;
use sqlx::postgres::PgPoolOptions;
use tower::ServiceExt;

#[tokio::test]
async fn every_endpoint_is_listed_with_its_rule() {
    let document = document().await;
    let mut lines = vec!["| endpoint | what | who may | while |".to_owned(), "|---|---|---|---|".to_owned()];
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let words = ["summary", "description"].map(|name| operation[name].as_str().unwrap_or_default()).join(" ");
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            let (what, rule) = words.split_once("Rule: ").unwrap_or_else(|| panic!("{path} has no rule"));
            let (who, states) = rule.split_once(" While: ").unwrap_or((rule, ""));
            let [what, who, states] = [what, who, states].map(|words| words.trim().trim_end_matches('.'));
            lines.push(format!("| `{} {path}` | {what} | {who} | {states} |", method.to_uppercase()));
        }
    }
    assert_block("endpoints", &lines.join("\n"));
}

/// Asks nobody: neither database nor broker is there.
async fn document() -> Value {
    let pool = PgPoolOptions::new().connect_lazy("postgres://nobody@127.0.0.1:1/none").unwrap();
    let broker = BrokerSettings { url: "amqp://nobody.invalid".to_owned().into(), prefix: "unused".to_owned() };
    let relay = Relay::new(pool.clone(), broker, "test");
    let router = router(AppState {
        pool: pool.into(),
        waker: relay.waker(),
        relay: relay.health(),
        lab_timezone: chrono_tz::Europe::Lisbon,
    });
    let answer = router.oneshot(Request::get("/openapi.json").body(Body::empty()).unwrap()).await.unwrap();
    serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
}
