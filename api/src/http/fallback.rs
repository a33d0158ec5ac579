//! Answers for what no handler sees: unknown addresses, wrong methods, panics, requests that take too long.

use crate::problem::{Problem, ProblemType};
use axum::{
    extract::Request,
    http::{Method, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{any::Any, time::Duration};

/// Longer than any statement may take, shorter than a client's patience.
const LONGEST_REQUEST: Duration = Duration::from_secs(10);

pub(crate) async fn unknown_route(uri: Uri) -> Problem {
    let detail = format!("there is nothing at {}; see /docs for what there is", uri.path());
    Problem::new(ProblemType::UnknownRoute, detail)
}

/// axum answers a wrong method with an empty body and the header Allow; the header is kept.
pub(crate) async fn explain_wrong_method(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    if response.status() != axum::http::StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let allow = response.headers().get(axum::http::header::ALLOW).and_then(|value| value.to_str().ok());
    wrong_method(&method, allow.unwrap_or_default()).into_response()
}

fn wrong_method(method: &Method, allow: &str) -> Problem {
    let detail = format!("this address does not know {method}; allowed are {allow}");
    Problem::new(ProblemType::MethodNotAllowed, detail).allowing(allow)
}

pub(crate) async fn limit_time(request: Request, next: Next) -> Result<Response, Problem> {
    tokio::time::timeout(LONGEST_REQUEST, next.run(request)).await.map_err(|_| {
        let detail = "the request took longer than 10 seconds; send it again with the same Idempotency-Key";
        Problem::new(ProblemType::TimedOut, detail)
    })
}

pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The panic hook has printed where; the client only hears that it was us.
    Problem::internal("a handler panicked").into_response()
}
