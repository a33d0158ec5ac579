//! The full sync: how long, how many calls, and the worker's memory at its peak.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Options, median};
use crate::{
    bench::peak_memory_mib,
    simulator::CallKind,
    stack::{LabStack, until},
};

const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Debug, Serialize)]
pub struct Synced {
    pub seconds: f64,
    /// Calls of one round in all.
    pub calls: usize,
    /// Of the worker, since it was started.
    pub peak_memory_mib: f64,
}

pub(super) async fn measure(lab: &LabStack, options: &Options) -> anyhow::Result<Synced> {
    let mut took = vec![one(lab, 1, options).await?];
    let before = calls(lab);
    for run in 2..=usize::from(options.runs) {
        lab.admin.api.post("/v1/sync-runs", &json!({})).await?;
        took.push(one(lab, run, options).await?);
    }
    let rounds = usize::from(options.runs).saturating_sub(1);
    let calls = (calls(lab) - before).checked_div(rounds).unwrap_or(before);
    let worker = lab.workers.first().context("a worker was started")?;
    Ok(Synced { seconds: median(took), calls, peak_memory_mib: median(vec![peak_memory_mib(worker.server.pid())?]) })
}

/// Lists of labels, models, assets and users; sweeps are among them, one a minute.
fn calls(lab: &LabStack) -> usize {
    let ledger = lab.simulator.state().ledger();
    [CallKind::Labels, CallKind::Models, CallKind::List, CallKind::Users]
        .into_iter()
        .map(|kind| ledger.count_calls(kind))
        .sum()
}

async fn one(lab: &LabStack, number: usize, options: &Options) -> anyhow::Result<f64> {
    let what = format!("sync {number} has ended");
    let run = until(&what, PATIENCE, async || {
        let runs = lab.admin.api.get("/v1/sync-runs").await.ok()?;
        let runs = runs["items"].as_array()?;
        runs.first().filter(|run| runs.len() == number && run["finished_at"].is_string()).cloned()
    })
    .await?;
    ensure!(run["error"].is_null() && run["counts"]["listed"] == json!(options.assets), "it came to {run}");
    Ok((instant(&run["finished_at"])? - instant(&run["started_at"])?).as_seconds_f64())
}

fn instant(value: &Value) -> anyhow::Result<DateTime<Utc>> {
    Ok(value.as_str().context("no instant")?.parse()?)
}
