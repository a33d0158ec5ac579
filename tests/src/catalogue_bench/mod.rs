//! `cargo run --release -p makerlab-tests --bin catalogue_bench`: a large Snipe-IT beside one api and one worker: the full
//! sync, an hour of quiet sweeps, a change by hand until it is found, and availability over a year of periods.

mod availability;
mod drift;
mod options;
mod quiet;
mod sync;

pub use options::Options;

use anyhow::Context;
use serde::Serialize;

use crate::{
    lab::shared,
    simulator::{Seed, SimulatorOptions},
    stack::{LabStack, StackOptions},
};

/// What was measured; medians of several runs, at the client.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub assets: u32,
    pub models: u32,
    pub sync: sync::Synced,
    pub quiet: quiet::QuietHour,
    pub drift: drift::Found,
    pub availability: availability::Answered,
}

/// # Errors
/// When something does not start, or what was to be measured does not happen.
pub async fn run(options: &Options) -> anyhow::Result<Figures> {
    let simulator = SimulatorOptions {
        throttle: None,
        seed: Seed::sized(options.assets as usize, options.models as usize),
        threads: 2,
        ..SimulatorOptions::default()
    };
    eprintln!("starting, with {} assets of {} models", options.assets, options.models);
    let lab = LabStack::start_with(shared().await, simulator, at_the_pace_of_production).await?;
    eprintln!("the full sync, {} times", options.runs);
    let sync = sync::measure(&lab, options).await.context("the full sync")?;
    eprintln!("changes by hand, {} times, each of which waits for a sweep", options.runs);
    let drift = drift::measure(&lab, options).await.context("a change by hand")?;
    eprintln!("a year of periods, and {} questions about them", options.queries);
    let availability = availability::measure(&lab, options).await.context("availability")?;
    eprintln!("a quiet hour");
    let quiet = quiet::measure(options).await.context("a quiet hour")?;
    Ok(Figures { assets: options.assets, models: options.models, sync, quiet, drift, availability })
}

/// What a lab has that sets nothing.
fn at_the_pace_of_production(options: StackOptions) -> StackOptions {
    let options = options.with("SWEEP_INTERVAL", "60s").with("SNIPEIT_THROTTLED", "false").with("LOG_LEVEL", "warn");
    options.with("SNIPEIT_TIMEOUT", "15s").with("JOB_LEASE", "30s").with("SNIPEIT_SLACK", "5s")
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).map_or(f64::NAN, |figure| (figure * 100.0).round() / 100.0)
}
