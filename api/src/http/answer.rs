//! The answer to what is done once: kept as it is, so that the same request gets the same answer.

use super::precondition::{Tagged, etag};
use crate::problem::Problem;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    /// Of what it shows; it becomes the `ETag`.
    pub(crate) version: Option<i32>,
    pub(crate) body: serde_json::Value,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_value(body).map_err(Problem::internal)?;
        Ok(Self { status, location: None, version: None, body })
    }

    /// An answer that shows something with a version.
    pub(crate) fn tagged(status: StatusCode, shown: &Tagged<impl Serialize>) -> Result<Self, Problem> {
        Ok(Self { version: Some(shown.version), ..Self::new(status, &shown.body)? })
    }

    pub(crate) fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(location) = self.location.and_then(|path| HeaderValue::from_str(&path).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        if let Some(version) = self.version {
            response.headers_mut().insert(header::ETAG, etag(version));
        }
        response
    }
}
