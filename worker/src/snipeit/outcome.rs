//! One span, one count and one duration for each call, by what it came to. No personal data, no bodies.

use makerlab_shared::domain::inventory::{Answer, NotApplied};
use metrics::{counter, histogram};
use tracing::{Span, debug};

use super::seen::{CallSeen, ReadFailureKind};

/// Opens the span of a call; `record` fills the rest. A macro, because names of spans are constants.
macro_rules! call_span {
    ($name:literal $(, $($field:tt)+)?) => {
        tracing::info_span!(
            $name,
            otel.kind = "client",
            http.response.status_code = tracing::field::Empty,
            snipeit.outcome = tracing::field::Empty,
            duration_ms = tracing::field::Empty,
            $($($field)+)?
        )
    };
}
pub(super) use call_span;

/// Notes the end of a call in the current span and in the metrics.
pub(super) fn record(call: &'static str, outcome: &'static str, seen: &CallSeen) {
    let span = Span::current();
    if let Some(status) = seen.http_status {
        span.record("http.response.status_code", status);
    }
    span.record("snipeit.outcome", outcome);
    span.record("duration_ms", u64::try_from(seen.elapsed.as_millis()).unwrap_or(u64::MAX));
    counter!("snipeit_calls_total", "call" => call, "outcome" => outcome).increment(1);
    histogram!("snipeit_call_duration_seconds", "call" => call, "outcome" => outcome)
        .record(seen.elapsed.as_secs_f64());
    debug!("Snipe-IT call {call}: {outcome}");
}

pub(super) fn of_write(answer: &Answer) -> &'static str {
    match answer {
        Answer::Applied => "applied",
        Answer::Refused { .. } => "refused",
        Answer::Unknown { .. } => "unknown",
        Answer::NotApplied { why: NotApplied::Unreachable { .. } } => "unreachable",
        Answer::NotApplied { why: NotApplied::Throttled } => "throttled",
        Answer::NotApplied { why: NotApplied::Installation { .. } } => "installation",
    }
}

pub(super) fn of_read<T>(read: &Result<T, ReadFailureKind>) -> &'static str {
    match read {
        Ok(_) => "ok",
        Err(ReadFailureKind::Unreachable { .. }) => "unreachable",
        Err(ReadFailureKind::Throttled) => "throttled",
        Err(ReadFailureKind::Installation { .. }) => "installation",
        Err(ReadFailureKind::NotFound { .. }) => "not_found",
        Err(ReadFailureKind::Trouble { .. }) => "trouble",
        Err(ReadFailureKind::Malformed { .. }) => "malformed",
    }
}
