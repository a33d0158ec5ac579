//! What every call shows beside its answer: clocks, the call budget, how long it took. Never a secret.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::store::link::ClockSeen;
use serde::{Serialize, Serializer};
use thiserror::Error;

/// The circumstances of one call; kept as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallSeen {
    /// The answer's `Date`: the server's clock, whole seconds.
    pub server_date: Option<DateTime<Utc>>,
    /// Our own clock, half-way between sending and the end of the answer.
    pub midpoint: DateTime<Utc>,
    pub rate_limit: Option<RateLimit>,
    pub http_status: Option<u16>,
    /// Where a redirect led, without its query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
}

impl CallSeen {
    /// How far the server's clock is ahead of ours; good to about a second plus half the call's duration.
    pub fn clock_difference(&self) -> Option<TimeDelta> {
        self.server_date.map(|server| server - self.midpoint)
    }

    /// The server's clock for those who go by another than ours; `now` is ours.
    pub fn clock_seen(&self, now: DateTime<Utc>) -> Option<ClockSeen> {
        self.server_date.map(|date| ClockSeen { date, ago: now - self.midpoint })
    }
}

/// What Snipe-IT says about the call budget of its user. A 429 says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RateLimit {
    pub limit: u32,
    pub remaining: u32,
}

/// A value and the circumstances in which it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    pub value: T,
    pub seen: CallSeen,
}

impl<T> Read<T> {
    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Read<U> {
        Read { value: to(self.value), seen: self.seen }
    }
}

/// A read that gave no value. It is never an answer about the asset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct ReadFailure {
    pub kind: ReadFailureKind,
    pub seen: CallSeen,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadFailureKind {
    #[error("Snipe-IT cannot be reached: {what}")]
    Unreachable { what: String },
    #[error("the call budget of the Snipe-IT user is used up")]
    Throttled,
    #[error("the Snipe-IT installation needs attention: {what}")]
    Installation { what: String },
    /// Snipe-IT answered that there is no such thing. The message is in its owner's language.
    #[error("Snipe-IT knows no such entry: {message}")]
    NotFound { message: String },
    /// Timeout, broken answer, outage, redirect.
    #[error("Snipe-IT gave no usable answer: {what}")]
    Trouble { what: String },
    /// An answer in a shape that this version does not know.
    #[error("Snipe-IT answered in an unknown shape: {what}")]
    Malformed { what: String },
}

impl ReadFailure {
    /// Snipe-IT took the token and does not allow its user this call.
    pub fn is_forbidden(&self) -> bool {
        self.seen.http_status == Some(403)
    }

    /// Which status line came back, if one did.
    pub fn http_status(&self) -> Option<u16> {
        self.seen.http_status
    }

    /// Whether the same call may succeed later without a person doing anything.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ReadFailureKind::Unreachable { .. } | ReadFailureKind::Throttled | ReadFailureKind::Trouble { .. } => true,
            ReadFailureKind::Installation { .. }
            | ReadFailureKind::NotFound { .. }
            | ReadFailureKind::Malformed { .. } => false,
        }
    }
}

fn as_millis<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
