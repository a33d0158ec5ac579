//! An hour in which nobody does anything: what the sweeps of it cost in calls.
//!
//! Sixty sweeps in a row, before each of which whatever the sweeps go by is set a minute back.

use anyhow::ensure;
use makerlab_shared::domain::job::JobKind;
use makerlab_worker::jobs::Ran;
use serde::Serialize;

use super::Options;
use crate::{
    floor::Floor,
    simulator::{Seed, SimulatorOptions},
};

const SWEEPS: usize = 60;

#[derive(Debug, Serialize)]
pub struct QuietHour {
    pub sweeps: usize,
    /// Of all kinds.
    pub calls: usize,
}

pub(super) async fn measure(options: &Options) -> anyhow::Result<QuietHour> {
    let seed = Seed::sized(options.assets as usize, options.models as usize);
    let floor = Floor::beside(SimulatorOptions { throttle: None, seed, ..SimulatorOptions::default() }, &[]).await;
    floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    ensure!(floor.ring(sweep).await == Ran::Settled, "the first sweep was not settled");
    let before = floor.simulator.state().ledger().requests().len();
    for _ in 0..SWEEPS {
        let minute = "update snipeit_link set hidden_read_at = hidden_read_at - interval '1 minute',
                          lists_read_at = lists_read_at - interval '1 minute'";
        sqlx::query(minute).execute(&floor.pool).await?;
        ensure!(floor.ring_now(sweep).await == Ran::Settled, "a sweep was not settled");
    }
    Ok(QuietHour { sweeps: SWEEPS, calls: floor.simulator.state().ledger().requests().len() - before })
}
