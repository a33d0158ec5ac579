//! A problem as `application/problem+json`. What is our fault is logged here, once, with its whole chain.

use super::{FieldError, InTheWay, Problem, ProblemType};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::error::Error;
use utoipa::ToSchema;

/// RFC 9457.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid-input")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: String,
    /// The fields that cannot be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    #[serde(flatten)]
    in_the_way: InTheWay,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let status = self.kind.status();
        let body = ProblemBody {
            kind: self.kind.uri(),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            errors: self.errors,
            in_the_way: self.in_the_way.map(|listed| *listed).unwrap_or_default(),
        };
        let json = serde_json::to_vec(&body).expect("strings and numbers can be written as JSON");
        let mut response = (status, json).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after(self.kind) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}

impl Problem {
    fn log(&self) {
        if !self.kind.status().is_server_error() {
            return;
        }
        let problem = self.kind.slug();
        match &self.cause {
            Some(cause) => {
                let cause: &(dyn Error + 'static) = &**cause;
                tracing::error!(problem, "A request failed: {}", chain(cause));
            }
            None => tracing::error!(problem, "A request failed: {}", self.detail),
        }
    }
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn retry_after(kind: ProblemType) -> Option<&'static str> {
    match kind {
        ProblemType::DatabaseUnavailable | ProblemType::TimedOut => Some("3"),
        ProblemType::RequestInProgress => Some("1"),
        _ => None,
    }
}
