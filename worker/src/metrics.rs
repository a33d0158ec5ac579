//! Metrics and health on a listener of their own, loopback unless told otherwise.

use crate::lanes::Gate;
use anyhow::Context as _;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    routing::get,
};
use makerlab_shared::{
    relay::RelayHealth,
    store::{StoreError, link},
    telemetry::metrics::{CONTENT_TYPE, MetricsHandle, install},
};
use serde::Serialize;
use sqlx::PgPool;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What readiness looks at.
#[derive(Clone)]
pub struct Health {
    pub pool: PgPool,
    pub broker: RelayHealth,
    pub gate: Gate,
}

/// As the api's `/readyz` says it.
#[derive(Debug, Serialize)]
struct Readiness {
    status: &'static str,
    reasons: Vec<String>,
}

/// # Errors
/// When the address cannot be listened on: the message names the variable.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("METRICS_LISTEN: cannot listen on {address}; choose another address"))
}

/// Serves `/metrics`, `/livez` and `/readyz` until stopped.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, health: Health, stop: CancellationToken) -> anyhow::Result<()> {
    let router = router(install()?, health);
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await?;
    Ok(())
}

fn router(metrics: MetricsHandle, health: Health) -> Router {
    Router::new()
        .route("/metrics", get(move || async move { ([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics.render()) }))
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(readyz))
        .with_state(health)
}

/// Without broker or Snipe-IT a worker does what it can: `degraded`, not down.
async fn readyz(State(health): State<Health>) -> (StatusCode, Json<Readiness>) {
    match troubles(&health).await {
        Ok(reasons) if reasons.is_empty() => (StatusCode::OK, Json(Readiness { status: "ready", reasons })),
        Ok(reasons) => (StatusCode::OK, Json(Readiness { status: "degraded", reasons })),
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "Not ready");
            let reasons = vec!["the database does not answer: nothing is taken".to_owned()];
            (StatusCode::SERVICE_UNAVAILABLE, Json(Readiness { status: "down", reasons }))
        }
    }
}

async fn troubles(health: &Health) -> Result<Vec<String>, StoreError> {
    let mut conn = health.pool.acquire().await?;
    let snipeit = link::load(&mut conn).await?.pause.map(|pause| pause.trouble());
    Ok([health.broker.state().trouble(), snipeit, health.gate.trouble()].into_iter().flatten().collect())
}
