//! `makerlab-api serve`: settings, telemetry, context, run, flush.

use crate::{ApiSettings, AppState, Server, database};
use anyhow::Context;
use makerlab_shared::{
    crash,
    relay::Relay,
    settings::Environment,
    shutdown,
    store::idempotency,
    telemetry::{self, metrics},
};
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const FORGET_KEYS_EVERY: Duration = Duration::from_secs(600);

pub(super) async fn run(environment: &Environment) -> anyhow::Result<()> {
    let settings = environment.read(ApiSettings::read)?;
    let telemetry = telemetry::init(&settings.telemetry)?;
    crash::arm(settings.crash);
    let metrics = metrics::install()?;
    let stop = shutdown::on_signal().context("could not listen for signals")?;
    let pool = database::connect(&settings.database).context("DATABASE_URL cannot be used")?;
    let relay = Relay::new(pool.clone(), settings.broker.clone(), "makerlab-api");
    let state = AppState {
        pool: pool.clone().into(),
        waker: relay.waker(),
        relay: relay.health(),
        lab_timezone: settings.lab.lab_timezone,
    };
    let server = Server::bind(settings.listen).await?;
    tracing::info!("Listening on {}, metrics on {}", server.api_address()?, server.metrics_address()?);

    let tasks = TaskTracker::new();
    tasks.spawn(relay.run(stop.clone()));
    tasks.spawn(forget_expired_keys(pool.clone(), stop.clone()));
    let served = server.serve(state, metrics, stop.clone()).await;

    stop.cancel();
    shutdown::drain(&tasks, Duration::from_secs(5)).await;
    pool.close().await;
    telemetry.close().await;
    Ok(served?)
}

async fn forget_expired_keys(pool: PgPool, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(FORGET_KEYS_EVERY)).await.is_some() {
        let Ok(mut conn) = pool.acquire().await else { continue };
        if let Err(error) = idempotency::forget_expired(&mut conn).await {
            tracing::warn!("Expired idempotency keys were not removed, which is tried again later: {error}");
        }
    }
}
