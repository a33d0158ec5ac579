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

/// axum adds the header Allow to this answer.
pub(crate) async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not know {method}; the header Allow names what it knows", uri.path());
    Problem::new(ProblemType::MethodNotAllowed, detail)
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
