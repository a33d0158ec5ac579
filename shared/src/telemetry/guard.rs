//! Handing over the last spans before the process ends.

use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;

/// A collector that is down must not hold up a restart for longer than this.
const FLUSH_LIMIT: Duration = Duration::from_secs(3);

/// Keeps the export alive. Close it last: what is traced afterwards is lost.
#[must_use = "spans are exported only while the guard lives"]
#[derive(Debug)]
pub struct TelemetryGuard {
    provider: Option<SdkTracerProvider>,
}

impl TelemetryGuard {
    pub(super) fn new(provider: SdkTracerProvider) -> Self {
        Self { provider: Some(provider) }
    }

    /// Of a second `init` in one process: the first guard holds what there is to flush.
    pub(super) fn of_nothing() -> Self {
        Self { provider: None }
    }

    /// Exports what is left and stops. Blocks for up to three seconds: call it outside of the runtime.
    pub fn shutdown(mut self) {
        self.flush();
    }

    /// As [`Self::shutdown`], for callers inside a runtime: the waiting is done on a thread that may block.
    pub async fn close(self) {
        // The only error is a panic of the exporter, and there is nothing left to save from it.
        let _ = tokio::task::spawn_blocking(move || self.shutdown()).await;
    }

    fn flush(&mut self) {
        let Some(provider) = self.provider.take() else { return };
        if let Err(error) = provider.shutdown_with_timeout(FLUSH_LIMIT) {
            tracing::warn!("The last traces may not have reached the collector: {error}");
        }
    }
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        self.flush();
    }
}
