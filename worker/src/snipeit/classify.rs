//! The table of the protocol: from what was heard to what it means. Pure, and the only place that knows.
//!
//! The status line decides what Snipe-IT did not even try; the body decides the rest; no text ever decides
//! anything, because Snipe-IT translates its messages to the language of the token's owner.

use makerlab_shared::domain::inventory::{Answer, NotApplied};
use serde_json::Value;

use super::http::{Body, Heard, Reply};
use super::seen::ReadFailureKind;

/// Messages are shown to people and stored as evidence; a page of them helps nobody.
const MESSAGE_LENGTH: usize = 500;

/// What became of a write, and the envelope's payload if it was applied.
pub(super) fn write_answer(heard: &Heard) -> (Answer, Option<Value>) {
    match heard {
        Heard::NeverSent { what } => (Answer::NotApplied { why: NotApplied::Unreachable { what: what.clone() } }, None),
        Heard::Silence { what } => (unknown(format!("no answer: {what}")), None),
        Heard::Reply(reply) => match not_applied(reply) {
            Some(why) => (Answer::NotApplied { why }, None),
            None => reply_to_write(reply),
        },
    }
}

/// The data of a read, or why there is none.
pub(super) fn read_value(heard: &Heard) -> Result<Value, ReadFailureKind> {
    match heard {
        Heard::NeverSent { what } => Err(ReadFailureKind::Unreachable { what: what.clone() }),
        Heard::Silence { what } => Err(trouble(format!("no answer: {what}"))),
        Heard::Reply(reply) => match not_applied(reply) {
            Some(why) => Err(why.into()),
            None => reply_to_read(reply),
        },
    }
}

/// What a 200 said, before anybody knows what it means.
pub(super) fn whole_body(heard: &Heard) -> Option<&[u8]> {
    match heard {
        Heard::Reply(Reply { status: 200, body: Body::Whole(bytes), .. }) => Some(bytes),
        Heard::Reply(_) | Heard::NeverSent { .. } | Heard::Silence { .. } => None,
    }
}

impl From<NotApplied> for ReadFailureKind {
    fn from(why: NotApplied) -> Self {
        match why {
            NotApplied::Unreachable { what } => Self::Unreachable { what },
            NotApplied::Throttled => Self::Throttled,
            NotApplied::Installation { what } => Self::Installation { what },
        }
    }
}

/// Answers given before Snipe-IT looks at the request itself; the body adds nothing.
fn not_applied(reply: &Reply) -> Option<NotApplied> {
    let what = match reply.status {
        429 => return Some(NotApplied::Throttled),
        401 => "Snipe-IT refused the API token (401); issue a new one for the Snipe-IT user of this service",
        403 => "the Snipe-IT user of the API token lacks a permission (403); compare its permissions with the README",
        404 => "there is no such endpoint (404); check SNIPEIT_URL and the version of Snipe-IT",
        405 => "the endpoint does not take this method (405); check SNIPEIT_URL and the version of Snipe-IT",
        302 if is_login(reply.location.as_deref()) => {
            "Snipe-IT asked for a login (302); check the API token and what stands in front of Snipe-IT"
        }
        _ => return None,
    };
    Some(NotApplied::Installation { what: what.to_owned() })
}

fn is_login(location: Option<&str>) -> bool {
    let path = location.unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next() == Some("login")
}

fn reply_to_write(reply: &Reply) -> (Answer, Option<Value>) {
    match (reply.status, json(&reply.body)) {
        (200, Err(what)) => (unknown(format!("HTTP 200, but {what}")), None),
        (200, Ok(mut body)) => match body.get("status").and_then(Value::as_str) {
            Some("success") => (Answer::Applied, body.get_mut("payload").map(Value::take)),
            Some("error") => (Answer::Refused { message: message(&body) }, None),
            Some(_) | None => (unknown("HTTP 200, but neither success nor error".to_owned()), None),
        },
        (422, body) => (Answer::Refused { message: message(&body.unwrap_or_default()) }, None),
        (_, _) => (unknown(unexpected(reply)), None),
    }
}

fn reply_to_read(reply: &Reply) -> Result<Value, ReadFailureKind> {
    if reply.status != 200 {
        return Err(trouble(unexpected(reply)));
    }
    let body = json(&reply.body).map_err(|what| trouble(format!("HTTP 200, but {what}")))?;
    match body.get("status").and_then(Value::as_str) {
        Some("error") => Err(ReadFailureKind::NotFound { message: message(&body) }),
        Some(_) | None => Ok(body),
    }
}

fn json(body: &Body) -> Result<Value, String> {
    match body {
        Body::Broken { what } => Err(what.clone()),
        Body::Whole(bytes) => serde_json::from_slice(bytes).map_err(|_| "the answer is not JSON".to_owned()),
    }
}

fn unexpected(reply: &Reply) -> String {
    match &reply.location {
        Some(location) => format!("HTTP {}, a redirect to {}", reply.status, without_query(location)),
        None => format!("HTTP {}", reply.status),
    }
}

pub(super) fn without_query(location: &str) -> String {
    clipped(location.split(['?', '#']).next().unwrap_or_default())
}

fn unknown(what: String) -> Answer {
    Answer::Unknown { what }
}

fn trouble(what: String) -> ReadFailureKind {
    ReadFailureKind::Trouble { what }
}

/// Snipe-IT's reason, wherever it put it: `messages` as text, list or `{field: [text]}`, or a text as payload.
fn message(body: &Value) -> String {
    let payload = body.get("payload").filter(|payload| payload.is_string());
    let text = [body.get("messages"), body.get("message"), payload]
        .into_iter()
        .flatten()
        .map(texts)
        .find(|texts| !texts.is_empty());
    match text {
        Some(texts) => clipped(&texts.join(" ")),
        None => "Snipe-IT gave no reason".to_owned(),
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => vec![text.trim().to_owned()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(MESSAGE_LENGTH).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
