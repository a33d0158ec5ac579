//! W3C trace context as one text: on the job's row and in the headers of messages and requests.

use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The name of the HTTP and AMQP header.
pub const HEADER: &str = "traceparent";

/// The `traceparent` of the span that is entered now, if there is one.
pub fn current() -> Option<String> {
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject_context(&Context::current(), &mut headers);
    headers.remove(HEADER)
}

/// Makes the span a child of a remote one. Do it before the span is entered: afterwards its parent is settled.
///
/// A `traceparent` that cannot be read starts a new trace, as the standard demands; it never fails the work.
pub fn continue_from(span: &Span, traceparent: &str) {
    if let Some(remote) = parse(traceparent)
        && let Err(error) = span.set_parent(Context::new().with_remote_span_context(remote))
    {
        tracing::debug!("A span does not continue its trace: {error}");
    }
}

/// Notes that the span has to do with a remote one without being its child (a look at what an earlier job left unknown).
pub fn link(span: &Span, traceparent: &str) {
    if let Some(remote) = parse(traceparent) {
        span.add_link(remote);
    }
}

fn parse(traceparent: &str) -> Option<SpanContext> {
    let headers = HashMap::from([(HEADER.to_owned(), traceparent.to_owned())]);
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
    let remote = context.span().span_context().clone();
    remote.is_valid().then_some(remote)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{TelemetrySettings, subscriber};

    const REMOTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn with_telemetry<T>(check: impl FnOnce() -> T) -> T {
        let (subscriber, _guard) = subscriber(&TelemetrySettings::quiet("test")).unwrap();
        tracing::subscriber::with_default(subscriber, check)
    }

    #[test]
    fn a_span_has_a_traceparent_although_nothing_is_exported_and_logs_are_quiet() {
        with_telemetry(|| {
            assert_eq!(current(), None);
            let _span = tracing::info_span!("http.request").entered();

            let traceparent = current().unwrap();

            assert!(parse(&traceparent).is_some_and(|span| span.is_sampled()), "{traceparent}");
        });
    }

    #[test]
    fn a_continued_span_stays_in_the_trace_as_a_span_of_its_own() {
        with_telemetry(|| {
            let span = tracing::info_span!("job.run");
            continue_from(&span, REMOTE);

            let ours = parse(&span.in_scope(current).unwrap()).unwrap();

            let remote = parse(REMOTE).unwrap();
            assert_eq!(ours.trace_id(), remote.trace_id());
            assert_ne!(ours.span_id(), remote.span_id());
        });
    }

    #[test]
    fn what_is_no_traceparent_starts_a_new_trace() {
        for wrong in ["", "garbage", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-\u{fc}-1-01"] {
            with_telemetry(|| {
                let span = tracing::info_span!("job.run");
                continue_from(&span, wrong);

                assert!(span.in_scope(current).is_some(), "{wrong:?}");
            });
        }
    }

    #[test]
    fn without_telemetry_there_is_no_traceparent_and_no_panic() {
        let span = tracing::info_span!("job.run");
        continue_from(&span, REMOTE);
        link(&span, REMOTE);

        assert_eq!(span.in_scope(current), None);
    }
}
