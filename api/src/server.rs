//! Listening, and stopping well: no new requests, those that run are finished, then the relay ends.

use crate::{AppState, metrics_router, router, settings::ListenSettings};
use axum::{Router, serve::ListenerExt};
use makerlab_shared::telemetry::metrics::MetricsHandle;
use std::{io, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Longer than the longest request.
const DRAIN: Duration = Duration::from_secs(12);

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("could not listen on {address}; set {variable} to a free address")]
    Listen { address: SocketAddr, variable: &'static str, source: io::Error },
    #[error("could not go on listening")]
    Accept(#[source] io::Error),
}

/// Both listeners, bound and not yet served.
pub struct Server {
    api: TcpListener,
    metrics: TcpListener,
}

impl Server {
    /// # Errors
    /// When an address is taken.
    pub async fn bind(listen: ListenSettings) -> Result<Self, ServeError> {
        let api = bind(listen.api, "API_LISTEN").await?;
        let metrics = bind(listen.metrics, "METRICS_LISTEN").await?;
        Ok(Self { api, metrics })
    }

    /// Where requests are answered; with port 0 in the settings, the port that was given.
    ///
    /// # Errors
    /// When the operating system does not know.
    pub fn api_address(&self) -> io::Result<SocketAddr> {
        self.api.local_addr()
    }

    /// # Errors
    /// When the operating system does not know.
    pub fn metrics_address(&self) -> io::Result<SocketAddr> {
        self.metrics.local_addr()
    }

    /// Serves until `stop`, then finishes what runs.
    ///
    /// # Errors
    /// When a listener fails.
    pub async fn serve(
        self,
        state: AppState,
        metrics: MetricsHandle,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let api = serve(self.api, router(state), stop.clone());
        let metrics = serve(self.metrics, metrics_router(metrics), stop.clone());
        let both = async { tokio::try_join!(api, metrics).map(|_| ()) };
        let too_late = async {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            ended = both => ended.map_err(ServeError::Accept),
            () = too_late => {
                tracing::warn!("Some connections did not end within {DRAIN:?} and are cut off");
                Ok(())
            }
        }
    }
}

async fn bind(address: SocketAddr, variable: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, variable, source })
}

async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> io::Result<()> {
    // An answer that takes more than one write must not wait until the client acknowledges the first: 40 ms on Linux.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("A connection's answers may be delayed by the network: {error}");
        }
    });
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await
}
