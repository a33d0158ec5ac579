//! `makerlab-worker`: carries jobs out until told to stop.

use clap::Parser;
use makerlab_shared::{settings::Environment, shutdown, telemetry};
use makerlab_worker::{metrics, serve, settings::WorkerSettings};

/// Carries out the lab's jobs: Snipe-IT, e-mail, timers. Settings come from the environment; see the README.
#[derive(Debug, Parser)]
#[command(name = "makerlab-worker", version)]
struct Arguments {}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments {} = Arguments::parse();
    let settings = match WorkerSettings::load(&Environment::of_process()) {
        Ok(settings) => settings,
        Err(wrong) => {
            eprintln!("{wrong}");
            std::process::exit(2);
        }
    };
    let guard = telemetry::init(&settings.telemetry)?;
    let stop = shutdown::on_signal()?;
    let metrics = tokio::spawn(metrics::serve(settings.metrics_listen, stop.clone()));
    let served = serve::serve(settings, stop.clone()).await;
    stop.cancel();
    metrics.await??;
    guard.close().await;
    served
}
