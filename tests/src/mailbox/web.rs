//! The web view: a list, a page per message, and the same as JSON.
//!
//! What came by mail is foreign: every value is escaped, HTML is shown in a sandboxed frame, and the page's policy lets
//! nothing run or load.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use html_escape::{encode_double_quoted_attribute, encode_text};

use super::message::Message;
use super::store::Store;

const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'";
const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1d1d1b}\
    table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4em .8em .4em 0;border-bottom:1px solid #ddd}\
    pre{white-space:pre-wrap;background:#f4f4f2;padding:1em}iframe{width:100%;height:32em;border:1px solid #ddd}";

pub(super) fn router(store: Arc<Store>) -> Router {
    Router::new()
        .route("/", get(list_page))
        .route("/messages/{id}", get(message_page))
        .route("/api/messages", get(list_json))
        .route("/api/messages/{id}", get(message_json))
        .with_state(store)
}

async fn list_page(State(store): State<Arc<Store>>) -> impl IntoResponse {
    let mut rows = String::new();
    for message in store.messages().iter().rev() {
        let _ = write!(
            rows,
            "<tr><td>{id}</td><td>{to}</td><td><a href=\"/messages/{id}\">{subject}</a></td></tr>",
            id = message.id,
            to = encode_text(&message.to),
            subject = encode_text(&message.subject),
        );
    }
    let body = format!("<h1>Mailbox</h1><table><tr><th>#</th><th>To</th><th>Subject</th></tr>{rows}</table>");
    page("Mailbox", &body)
}

async fn message_page(State(store): State<Arc<Store>>, Path(id): Path<u32>) -> impl IntoResponse {
    match store.find(id) {
        Some(message) => page(&message.subject, &message_body(&message)).into_response(),
        None => (StatusCode::NOT_FOUND, page("Mailbox", "<p>No such message.</p>")).into_response(),
    }
}

fn message_body(message: &Message) -> String {
    let mut headers = String::new();
    for (name, value) in &message.headers {
        let _ = writeln!(headers, "{name}: {value}");
    }
    format!(
        "<p><a href=\"/\">All messages</a></p><h1>{subject}</h1><pre>{headers}</pre>\
         <h2>Text</h2><pre>{text}</pre>\
         <h2>HTML</h2><iframe sandbox title=\"HTML part\" srcdoc=\"{html}\"></iframe>",
        subject = encode_text(&message.subject),
        headers = encode_text(&headers),
        text = encode_text(&message.text),
        html = encode_double_quoted_attribute(&message.html),
    )
}

fn page(title: &str, body: &str) -> impl IntoResponse + use<> {
    const NOSNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title><style>{STYLE}</style></head>\
         <body>{body}</body></html>",
        encode_text(title),
    );
    ([(header::CONTENT_SECURITY_POLICY, POLICY), NOSNIFF], Html(html))
}

async fn list_json(State(store): State<Arc<Store>>) -> Json<Vec<Message>> {
    Json(store.messages())
}

async fn message_json(State(store): State<Arc<Store>>, Path(id): Path<u32>) -> Result<Json<Message>, StatusCode> {
    store.find(id).map(Json).ok_or(StatusCode::NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use axum::response::Response;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::super::message::Envelope;
    use super::*;

    const HOSTILE: &[u8] = b"To: ana@lab.example\r\nSubject: </title><script>alert(1)</script>\r\n\
        Content-Type: text/html\r\n\r\n</iframe>\"><script>alert(2)</script>\r\n";

    async fn get(path: &str) -> Response {
        let store = Arc::new(Store::default());
        store.keep(Envelope::default(), HOSTILE.to_vec());
        router(store).oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text_of(response: Response) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_hostile_letter_is_listed_and_shown_without_running() {
        for path in ["/", "/messages/1"] {
            let response = get(path).await;
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].clone();
            let page = text_of(response).await;

            assert!(policy.to_str().unwrap().contains("default-src 'none'"), "{path}: {policy:?}");
            assert!(page.contains("alert(1)") && !page.contains("<script"), "{path}: {page}");
        }
    }

    #[tokio::test]
    async fn the_html_part_stands_in_a_sandbox() {
        let page = text_of(get("/messages/1").await).await;

        assert!(page.contains("<iframe sandbox "), "{page}");
        assert_eq!(page.matches("</iframe>").count(), 1, "{page}");
    }

    #[tokio::test]
    async fn the_messages_are_there_as_json() {
        let list: serde_json::Value = serde_json::from_str(&text_of(get("/api/messages").await).await).unwrap();

        assert_eq!(list[0]["to"], "ana@lab.example");
        assert_eq!(get("/api/messages/1").await.status(), StatusCode::OK);
        assert_eq!(get("/api/messages/2").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(get("/messages/2").await.status(), StatusCode::NOT_FOUND);
    }
}
