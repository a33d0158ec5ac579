//! Where logs and traces part: one subscriber with a layer for each, each with its own filter.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use super::{TelemetryGuard, TelemetrySettings, export, logs};

#[derive(Debug, thiserror::Error)]
#[error("could not start the export of traces: check OTEL_EXPORTER_OTLP_ENDPOINT")]
pub struct TelemetryError {
    #[from]
    source: ExporterBuildError,
}

/// Starts logs and traces for the whole process. When they are running already (a test with api and worker in one
/// process) the first start stays in force.
pub fn init(settings: &TelemetrySettings) -> Result<TelemetryGuard, TelemetryError> {
    let (subscriber, guard) = subscriber(settings)?;
    match subscriber.try_init() {
        Ok(()) => Ok(guard),
        Err(_) => Ok(TelemetryGuard::of_nothing()),
    }
}

/// The subscriber that [`init`] makes global, for a test to use within a scope.
pub fn subscriber(
    settings: &TelemetrySettings,
) -> Result<(impl Subscriber + Send + Sync + use<>, TelemetryGuard), TelemetryError> {
    let provider = export::provider(settings)?;
    let subscriber = Registry::default().with(trace_layer(&provider)).with(logs::layer(settings));
    Ok((subscriber, TelemetryGuard::new(provider)))
}

fn trace_layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("makerlab"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        // Not the filter of the logs: a quiet log must not tear a trace apart.
        .with_filter(LevelFilter::INFO)
}
