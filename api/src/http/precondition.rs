//! Edits: whoever changes a thing says which version of it they have read, so that nobody overwrites what they have not
//! seen (RFC 9110, `ETag` and `If-Match`).

use super::body;
use crate::{
    problem::{Problem, ProblemType},
    state::AppState,
};
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

/// A PATCH with a body of type `T`, and the version that it changes.
pub(crate) struct Patch<T> {
    pub(crate) body: T,
    pub(crate) if_match: IfMatch,
}

/// The versions that the client would accept to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// `*`: whatever it is by now.
    Any,
    OneOf(Vec<String>),
}

/// An answer that names the version of what it shows.
pub(crate) struct Tagged<T> {
    pub(crate) version: i32,
    pub(crate) body: T,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Patch<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let if_match = IfMatch::of(&parts.headers)?;
        Ok(Self { body: body::parse(&body::read(&parts.headers, body).await?)?, if_match })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.headers)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Self::find(&parts.headers)
    }
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        Self::find(headers)?.ok_or_else(|| {
            let detail = "read it, and send the header If-Match with the ETag that came with it";
            Problem::new(ProblemType::PreconditionRequired, detail)
        })
    }

    /// `None`: the client does not care which version it is.
    fn find(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let values = headers.get_all(header::IF_MATCH).iter().map(HeaderValue::to_str);
        let values = values.collect::<Result<Vec<_>, _>>().map_err(|_| malformed())?;
        if values.is_empty() {
            return Ok(None);
        }
        let tags: Vec<_> = values.iter().flat_map(|value| value.split(',')).map(str::trim).collect();
        match tags.as_slice() {
            ["*"] => Ok(Some(Self::Any)),
            tags if tags.iter().all(|tag| is_tag(tag)) => {
                Ok(Some(Self::OneOf(tags.iter().map(|tag| (*tag).to_owned()).collect())))
            }
            _ => Err(malformed()),
        }
    }

    /// Whether it says what was read: `*` does not.
    pub(crate) fn names_version(&self) -> bool {
        match self {
            Self::Any => false,
            Self::OneOf(_) => true,
        }
    }

    /// # Errors
    /// The thing has another version by now. Ask it with the row locked.
    pub(crate) fn check(&self, what: &str, version: i32) -> Result<(), Problem> {
        let is_met = match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.contains(&tag_of(version)),
        };
        if is_met {
            return Ok(());
        }
        let detail = format!("the {what} was changed since you read it; read it again and decide again");
        Err(Problem::new(ProblemType::PreconditionFailed, detail))
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        ([(header::ETAG, etag(self.version))], Json(self.body)).into_response()
    }
}

/// The version of what an answer shows, as the header tells it.
pub(super) fn etag(version: i32) -> HeaderValue {
    HeaderValue::from_str(&tag_of(version)).expect("digits between quotes")
}

/// For a field that may be left out, given, or given as null.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn tag_of(version: i32) -> String {
    format!("\"{version}\"")
}

/// A weak one is read and never met: `If-Match` compares strongly.
fn is_tag(text: &str) -> bool {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    let inside = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.is_some_and(|inside| inside.bytes().all(|b| b.is_ascii_graphic() && b != b'"'))
}

fn malformed() -> Problem {
    let detail = "must be the ETag as it came, between its quotes, or *";
    Problem::new(ProblemType::MalformedRequest, detail).at_field("If-Match")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Result<IfMatch, Problem> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, HeaderValue::from_static(value));
        }
        IfMatch::of(&headers)
    }

    #[test]
    fn only_the_version_that_was_read_is_changed() {
        for (values, met) in [
            (&["\"3\""][..], true),
            (&["*"], true),
            (&["\"2\", \"3\""], true),
            (&["\"2\"", "\"3\""], true),
            (&["\"2\""], false),
            (&["W/\"3\""], false),
            (&["\"\""], false),
        ] {
            assert_eq!(read(values).unwrap().check("project", 3).is_ok(), met, "{values:?}");
        }
    }

    #[test]
    fn what_names_no_version_is_told_apart_from_nothing() {
        assert!(format!("{:?}", read(&[]).unwrap_err()).contains("PreconditionRequired"));
        for wrong in ["", "3", "\"3", "\"3\", *", "\"3\",", "\"a\"b\""] {
            assert!(format!("{:?}", read(&[wrong]).unwrap_err()).contains("MalformedRequest"), "{wrong:?}");
        }
    }
}
