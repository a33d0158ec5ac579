//! The way of a span to an OTLP receiver: HTTP with protobuf, in batches, on the batch processor's own thread.
//!
//! The blocking client is on purpose: that thread has no Tokio runtime.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_otlp::{ExporterBuildError, Protocol, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};

use super::TelemetrySettings;
use crate::settings::MaskedUrl;

const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);

/// A provider makes trace ids even when it exports nothing.
pub(super) fn provider(settings: &TelemetrySettings) -> Result<SdkTracerProvider, ExporterBuildError> {
    let resource = Resource::builder().with_service_name(settings.service_name.clone()).build();
    let builder = SdkTracerProvider::builder().with_resource(resource);
    Ok(match &settings.otlp_endpoint {
        Some(endpoint) => builder.with_batch_exporter(Reporting::new(otlp_exporter(endpoint)?, endpoint)).build(),
        None => builder.build(),
    })
}

fn otlp_exporter(endpoint: &MaskedUrl) -> Result<opentelemetry_otlp::SpanExporter, ExporterBuildError> {
    // reqwest is built without a TLS provider and panics when it finds none; an error says that one is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces_url(endpoint))
        .with_timeout(EXPORT_TIMEOUT)
        .build()
}

/// The variable holds the base; an endpoint given in code must be whole.
fn traces_url(endpoint: &MaskedUrl) -> String {
    let base = endpoint.expose().as_str();
    format!("{}/v1/traces", base.trim_end_matches('/'))
}

/// Says once when traces stop arriving and once when they arrive again; the SDK would drop them in silence.
struct Reporting<E> {
    exporter: E,
    endpoint: MaskedUrl,
    is_failing: AtomicBool,
}

impl<E> Reporting<E> {
    fn new(exporter: E, endpoint: &MaskedUrl) -> Self {
        Self { exporter, endpoint: endpoint.clone(), is_failing: AtomicBool::new(false) }
    }

    fn report(&self, result: &OTelSdkResult) {
        let was_failing = self.is_failing.swap(result.is_err(), Ordering::Relaxed);
        match result {
            Err(error) if !was_failing => tracing::warn!(
                "Traces do not reach {} and are dropped until they do: {error}. Check OTEL_EXPORTER_OTLP_ENDPOINT",
                self.endpoint
            ),
            Ok(()) if was_failing => tracing::info!("Traces reach {} again", self.endpoint),
            Ok(()) | Err(_) => {}
        }
    }
}

impl<E: SpanExporter> SpanExporter for Reporting<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        self.report(&result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E> fmt::Debug for Reporting<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporting").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_for_traces_is_added_to_the_endpoint() {
        for (endpoint, url) in [
            ("http://jaeger:4318", "http://jaeger:4318/v1/traces"),
            ("http://gate/otlp/", "http://gate/otlp/v1/traces"),
        ] {
            assert_eq!(traces_url(&MaskedUrl::new(endpoint.parse().unwrap())), url);
        }
    }
}
