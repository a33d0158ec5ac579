//! The numbers that the lab sets for itself: read by everybody, changed by admins, with history.

use super::{
    app::{fields, request},
    given::{Person, a_lab},
};
use crate::api::app::{App, Reply};
use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};

const PATH: &str = "/v1/lab-settings";

async fn edit(app: &App, who: &Person, tag: &str, body: &Value) -> Reply {
    let request = request(Method::PATCH, PATH, &who.token).header(header::IF_MATCH, tag);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn tag(app: &App, who: &Person) -> String {
    let read = app.get(&who.token, PATH).await;
    read.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_admin_changes_one_number_and_everybody_reads_it_and_history_tells_it() {
    let lab = a_lab().await;
    let before = lab.app.get(&lab.member.token, PATH).await.expect(200);

    let tag = tag(&lab.app, &lab.admin).await;
    edit(&lab.app, &lab.admin, &tag, &json!({"hold_hours": 48, "block_overdue_after_days": null})).await.expect(200);

    let mut expected = before;
    expected["hold_hours"] = json!(48);
    expected["block_overdue_after_days"] = Value::Null;
    assert_eq!(lab.app.get(&lab.member.token, PATH).await.expect(200), expected);
    let told: Vec<String> = sqlx::query_scalar("select reason from status_history where entity = 'lab_settings'")
        .fetch_all(&lab.app.owner)
        .await
        .unwrap();
    assert_eq!(told, ["hold_hours 24 → 48, block_overdue_after_days 7 → never"]);
}

#[tokio::test]
async fn numbers_out_of_their_ranges_are_refused_by_name_and_nothing_changes() {
    let lab = a_lab().await;
    let before = lab.app.get(&lab.member.token, PATH).await.expect(200);

    let body = json!({"hold_hours": 0, "extensions_max": 21, "buffer_after_return_hours": 1});
    let refused = edit(&lab.app, &lab.admin, "*", &body).await.expect_problem(422, "invalid-input");
    assert_eq!(fields(&refused), ["/hold_hours", "/extensions_max"]);
    edit(&lab.app, &lab.admin, "*", &json!({"holdhours": 1})).await.expect_problem(422, "invalid-input");

    assert_eq!(lab.app.get(&lab.member.token, PATH).await.expect(200), before);
}

#[tokio::test]
async fn nobody_overwrites_numbers_that_they_have_not_read() {
    let lab = a_lab().await;
    let read = tag(&lab.app, &lab.admin).await;
    edit(&lab.app, &lab.admin, &read, &json!({"hold_hours": 48})).await.expect(200);

    let late = edit(&lab.app, &lab.admin, &read, &json!({"hold_hours": 1})).await;
    late.expect_problem(412, "precondition-failed");
    let blind = lab.app.call(&lab.admin.token, Method::PATCH, PATH, &json!({"hold_hours": 1})).await;
    blind.expect_problem(428, "precondition-required");
}
