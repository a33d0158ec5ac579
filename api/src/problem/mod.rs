//! What a client hears when something is refused or fails: RFC 9457, with a stable type and never a cause.

mod from_store;
mod in_the_way;
mod kind;
mod list;
mod respond;

pub(crate) use from_store::Refusal;
pub use in_the_way::InTheWay;
pub use kind::ProblemType;
pub(crate) use list::{__path_find_problem, __path_list_problems, find_problem, list_problems};
pub(crate) use respond::ProblemBody;

use serde::Serialize;
use std::error::Error;
use utoipa::ToSchema;

/// One refused or failed request.
#[derive(Debug)]
pub struct Problem {
    kind: ProblemType,
    detail: String,
    errors: Vec<FieldError>,
    /// For one that names what must be done first.
    in_the_way: Option<Box<InTheWay>>,
    /// For the log; never for the client.
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// One field that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// A JSON pointer into the body, or the name of a query or path parameter.
    #[schema(example = "/lines/0/quantity")]
    pub field: String,
    #[schema(example = "must be between 1 and 50")]
    pub detail: String,
}

impl Problem {
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), in_the_way: None, cause: None }
    }

    /// The request can be read, but these fields make no sense.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{} {}", only.field, only.detail),
            several => format!("{} fields cannot be used; see errors", several.len()),
        };
        Self { errors, ..Self::new(ProblemType::InvalidInput, detail) }
    }

    pub fn invalid_field(field: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), detail: detail.into() }])
    }

    /// `what` completes "there is no such …".
    pub fn not_found(what: &str) -> Self {
        Self::new(ProblemType::NotFound, format!("there is no such {what}, or you may not see it"))
    }

    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "something went wrong on our side; it has been recorded, please try again later";
        Self { cause: Some(cause.into()), ..Self::new(ProblemType::Internal, detail) }
    }

    pub(crate) fn kind(&self) -> ProblemType {
        self.kind
    }

    pub(crate) fn at_field(mut self, field: &str) -> Self {
        self.errors.push(FieldError { field: field.to_owned(), detail: self.detail.clone() });
        self
    }

    pub(crate) fn naming(mut self, in_the_way: InTheWay) -> Self {
        self.in_the_way = Some(Box::new(in_the_way));
        self
    }

    pub(crate) fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }
}
