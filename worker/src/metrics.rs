//! Metrics on a listener of their own, loopback unless told otherwise.

use anyhow::Context as _;
use axum::{Router, http::header, routing::get};
use makerlab_shared::telemetry::metrics::{CONTENT_TYPE, install};
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

/// Serves `/metrics` and `/livez` until stopped.
///
/// # Errors
/// When the address cannot be listened on: the message names the variable.
pub async fn serve(address: SocketAddr, stop: CancellationToken) -> anyhow::Result<()> {
    let handle = install()?;
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("METRICS_LISTEN: cannot listen on {address}; choose another address"))?;
    let router = Router::new()
        .route("/metrics", get(move || async move { ([(header::CONTENT_TYPE, CONTENT_TYPE)], handle.render()) }))
        .route("/livez", get(|| async { "ok" }));
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await?;
    Ok(())
}
