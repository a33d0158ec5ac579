//! Reading a JSON body: every way in which it can be wrong has its own words.

use crate::problem::{FieldError, Problem, ProblemType};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use std::fmt::Write;

/// What a body may weigh.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;
/// What is read and thrown away, so that a client that is still sending hears the answer instead of a reset.
const MOST_DISCARDED: usize = 64 * 1024 * 1024;

/// Reads the whole body; an empty one counts as `{}`.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let bytes = collect(body).await?;
    if bytes.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    if !is_json(headers) {
        let detail = "send the body as application/json and say so in the header Content-Type";
        return Err(Problem::new(ProblemType::UnsupportedMediaType, detail));
    }
    Ok(bytes)
}

/// Turns bytes into a typed body, or says which field is wrong.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let detail = format!("the body is not UTF-8 from byte {} on", error.valid_up_to());
        Problem::new(ProblemType::MalformedJson, detail)
    })?;
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| misfit(&error))?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(parsed)
}

async fn collect(mut body: Body) -> Result<Bytes, Problem> {
    let mut collected = Vec::new();
    let mut discarded = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::new(ProblemType::MalformedRequest, "the body ended too early"))?;
        let Ok(data) = frame.into_data() else { continue };
        if discarded == 0 && collected.len() + data.len() <= MOST_BYTES {
            collected.extend_from_slice(&data);
            continue;
        }
        discarded += data.len();
        if discarded > MOST_DISCARDED {
            break;
        }
    }
    match discarded {
        0 => Ok(collected.into()),
        _ => Err(Problem::new(ProblemType::BodyTooLarge, "send at most 1 MiB")),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let cause = error.inner();
    if !cause.is_data() {
        return malformed(cause);
    }
    Problem::invalid(vec![FieldError { field: pointer(error.path()), detail: without_position(cause) }])
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(ProblemType::MalformedJson, format!("the body is not JSON: {error}"))
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        // Writing to a String cannot fail.
        let _ = match segment {
            Segment::Seq { index } => write!(pointer, "/{index}"),
            Segment::Map { key } => write!(pointer, "/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => write!(pointer, "/{variant}"),
            Segment::Unknown => Ok(()),
        };
    }
    pointer
}

/// serde_json adds "at line 1 column 7", which says nothing beside the pointer.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(words, _)| words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Order {
        lines: Vec<OrderLine>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct OrderLine {
        quantity: i32,
    }

    fn problem(body: &[u8]) -> String {
        format!("{:?}", parse::<Order>(body).unwrap_err())
    }

    #[test]
    fn a_wrong_type_is_named_by_its_pointer() {
        let shown = problem(br#"{"lines":[{"quantity":1},{"quantity":"two"}]}"#);
        assert!(shown.contains(r#"field: "/lines/1/quantity""#) && shown.contains("InvalidInput"), "{shown}");
    }

    #[test]
    fn half_json_is_malformed_and_not_invalid() {
        assert!(problem(br#"{"lines":["#).contains("MalformedJson"));
        assert!(problem(br#"{"lines":[]} x"#).contains("MalformedJson"));
        assert!(problem(b"{\"lines\":\"\xff\"}").contains("not UTF-8 from byte 10"));
    }

    #[test]
    fn a_field_that_nobody_reads_is_refused() {
        assert!(problem(br#"{"lines":[],"priority":1}"#).contains("unknown field `priority`"));
    }
}
