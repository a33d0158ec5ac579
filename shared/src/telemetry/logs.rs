//! Log lines, on standard error: standard output belongs to what commands answer.

use std::fmt;
use std::io::{IsTerminal, stderr};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer};

use super::{LogFormat, TelemetrySettings};

pub(super) fn layer<S>(settings: &TelemetrySettings) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr);
    let filter = EnvFilter::new(&settings.filter);
    match settings.log_format {
        LogFormat::Human => lines.with_ansi(stderr().is_terminal()).with_filter(filter).boxed(),
        LogFormat::Json => {
            lines.fmt_fields(JsonFields::new()).event_format(TracedJson::new()).with_filter(filter).boxed()
        }
    }
}

/// JSON lines that begin with the ids by which a tracing backend is searched.
struct TracedJson {
    json: Format<Json>,
}

impl TracedJson {
    fn new() -> Self {
        let json = tracing_subscriber::fmt::format().json().flatten_event(true).with_current_span(false);
        Self { json: json.with_span_list(true) }
    }
}

impl<S, N> FormatEvent<S, N> for TracedJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = String::new();
        self.json.format_event(context, Writer::new(&mut line), event)?;
        let current = Context::current();
        let ids = current.span().span_context().clone();
        match line.strip_prefix('{') {
            Some(rest) if ids.is_valid() => {
                write!(out, r#"{{"trace_id":"{}","span_id":"{}",{rest}"#, ids.trace_id(), ids.span_id())
            }
            Some(_) | None => out.write_str(&line),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::telemetry::traceparent;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_json_line_carries_the_trace_and_the_fields_of_its_spans() {
        let lines = Lines::default();
        let writer = lines.clone();
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let subscriber = tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer)).with(
            tracing_subscriber::fmt::layer()
                .fmt_fields(JsonFields::new())
                .event_format(TracedJson::new())
                .with_writer(move || writer.clone()),
        );

        let parent = tracing::subscriber::with_default(subscriber, || {
            let _span = tracing::info_span!("job.run", job.id = 7).entered();
            tracing::info!(requisition.id = "R-1", "Checked out");
            traceparent::current().unwrap()
        });

        let line: serde_json::Value = serde_json::from_slice(&lines.0.lock().unwrap()).unwrap();
        assert!(parent.contains(line["trace_id"].as_str().unwrap()), "{line}");
        assert!(parent.contains(line["span_id"].as_str().unwrap()), "{line}");
        assert_eq!(line["message"], "Checked out");
        assert_eq!(line["requisition.id"], "R-1");
        assert_eq!(line["spans"][0]["job.id"], 7);
    }
}
