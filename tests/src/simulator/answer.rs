//! What goes back to the client: Snipe-IT's envelopes, and the HTML that it falls into when `Accept` does not ask for JSON.

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::faults::Page;

const SEE_REFERENCE: &str =
    "Please check the API reference at https://snipe-it.readme.io/reference to find a valid API endpoint.";

#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: Content,
    /// Where a client is sent that did not ask for JSON, as a path of the application.
    otherwise: Option<&'static str>,
}

#[derive(Debug)]
enum Content {
    Json(Value),
    /// A body that calls itself JSON; it need not be.
    Raw(String),
    Html(String),
}

impl Answer {
    /// A bare object or list: how reads succeed.
    pub(super) fn data(value: Value) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: Content::Json(value), otherwise: None }
    }

    pub(super) fn success(messages: impl Into<Value>, payload: Value) -> Self {
        Self::data(json!({"status": "success", "messages": messages.into(), "payload": payload}))
    }

    /// HTTP 200 with `status: error`.
    pub(super) fn refusal(messages: impl Into<Value>, payload: Value) -> Self {
        Self::data(json!({"status": "error", "messages": messages.into(), "payload": payload}))
    }

    /// Field errors; without `Accept` a redirect to the root.
    pub(super) fn invalid(fields: Value) -> Self {
        Self::refusal(fields, Value::Null).otherwise_to("/")
    }

    pub(super) fn server_error() -> Self {
        Self::data(json!({"message": "Server Error"})).with_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(super) fn forbidden() -> Self {
        Self::data(json!({"message": "This action is unauthorized."})).with_status(StatusCode::FORBIDDEN)
    }

    pub(super) fn unauthorized() -> Self {
        Self::data(json!({"error": "Unauthorized or unauthenticated."}))
            .with_status(StatusCode::UNAUTHORIZED)
            .otherwise_to("/login")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::refusal("Method not allowed", Value::Null).with_status(StatusCode::METHOD_NOT_ALLOWED)
    }

    pub(super) fn unknown_endpoint(hint: &str) -> Self {
        let text = format!("404 endpoint not found. {hint}{SEE_REFERENCE}");
        Self::data(json!({"status": "error", "message": text, "payload": null})).with_status(StatusCode::NOT_FOUND)
    }

    pub(super) fn too_many_requests() -> Self {
        Self::refusal("Too many requests", Value::Null).with_status(StatusCode::TOO_MANY_REQUESTS)
    }

    pub(super) fn html(status: StatusCode, text: &str) -> Self {
        let body = Content::Html(format!("<!DOCTYPE html>\n<html><body>{text}</body></html>\n"));
        Self { status, headers: Vec::new(), body, otherwise: None }
    }

    /// `location` is absolute, as the real one's is.
    pub(super) fn redirect(location: &str) -> Self {
        Self::html(StatusCode::FOUND, &format!("Redirecting to <a href=\"{location}\">{location}</a>."))
            .with_header("location", location)
    }

    pub(crate) fn page(page: &Page, root: &str) -> Self {
        match page {
            Page::ServerError => Self::server_error(),
            Page::WebPage => Self::html(StatusCode::OK, "Welcome"),
            Page::MovedTo(location) => Self::redirect(location).with_status(StatusCode::MOVED_PERMANENTLY),
            Page::BadGateway => Self::html(
                StatusCode::BAD_GATEWAY,
                "<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>",
            ),
            Page::Maintenance => Self::refusal(503, Value::Null).with_status(StatusCode::SERVICE_UNAVAILABLE),
            Page::RedirectToSetup => Self::redirect(&format!("{root}/setup")),
            Page::RedirectToLogin => Self::redirect(&format!("{root}/login")),
            Page::Unauthorized => Self::unauthorized(),
            Page::Forbidden => Self::forbidden(),
            Page::NotFound => Self::unknown_endpoint(""),
            Page::TooManyRequests => Self::too_many_requests(),
            Page::BrokenJson => Self { body: Content::Raw("{\"status\":\"succ".into()), ..Self::data(Value::Null) },
            Page::Refusal(message) => Self::refusal(message.as_str(), Value::Null),
        }
    }

    /// As a version tells it that does not know this field.
    pub(super) fn without_field(mut self, field: &str) -> Self {
        if let Content::Json(value) = &mut self.body {
            let rows = value.get_mut("rows").and_then(Value::as_array_mut);
            let objects = match rows {
                Some(rows) => rows.iter_mut().collect(),
                None => vec![value],
            };
            for object in objects.into_iter().filter_map(Value::as_object_mut) {
                object.remove(field);
            }
        }
        self
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn otherwise_to(self, path: &'static str) -> Self {
        Self { otherwise: Some(path), ..self }
    }

    /// What a client gets that did not send `Accept: application/json`: errors turn into pages and redirects.
    pub(super) fn without_accept(self, root: &str) -> Self {
        let mut page = match self.otherwise {
            Some("/") => Self::redirect(root),
            Some(path) => Self::redirect(&format!("{root}{path}")),
            None if [403, 405, 429, 500, 503].contains(&self.status.as_u16()) => {
                Self::html(self.status, self.status.canonical_reason().unwrap_or_default())
            }
            None => return self,
        };
        page.headers.extend(self.headers);
        page
    }

    pub(super) fn into_parts(self, now: DateTime<Utc>) -> (Response<()>, Bytes) {
        let (kind, bytes) = match self.body {
            Content::Json(value) => ("application/json", value.to_string().into_bytes()),
            Content::Raw(text) => ("application/json", text.into_bytes()),
            Content::Html(text) => ("text/html; charset=utf-8", text.into_bytes()),
        };
        let mut response = Response::new(());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.extend(self.headers.into_iter().map(|(name, value)| (HeaderName::from_static(name), ascii(&value))));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        headers.insert(header::DATE, ascii(&date));
        (response, bytes.into())
    }

    pub(crate) fn into_response(self, now: DateTime<Utc>) -> Response<Body> {
        let (response, bytes) = self.into_parts(now);
        response.map(|()| Body::from(bytes))
    }
}

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("the simulator builds its headers of ASCII")
}
