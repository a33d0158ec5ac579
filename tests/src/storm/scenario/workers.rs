//! Workers that are killed.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{PATIENCE, Recovery, Stage, through::one_goes_through};
use crate::{
    simulator::{CallKind, Step},
    stack::{Process, until},
    storm::WORKERS,
};

pub const KILLS: usize = 10;
const BETWEEN: Duration = Duration::from_millis(700);

/// From the kill until everything that was sent has a known outcome. The effect was there, the answer was not.
pub async fn kill_mid_call(stage: &mut Stage) -> Result<Recovery> {
    let behind_the_effect = stage.ground.simulator.state().faults().hold(CallKind::Checkout, None, Step::Saved);
    behind_the_effect.reached(1, PATIENCE).await?;
    stage.ground.stack.process(Process::Worker(0)).server.kill();
    let killed = Instant::now();
    behind_the_effect.release();
    let pool = &stage.ground.pool;
    let sent: Vec<Uuid> = sqlx::query_scalar("select id from operations where state = 'sent'").fetch_all(pool).await?;
    anyhow::ensure!(!sent.is_empty(), "the killed worker had sent nothing");
    stage.ground.stack.start_again(Process::Worker(0)).await?;
    let all_known = "select count(*) filter (where settled_at is null) = 0 from operations where id = any($1)";
    let are_known = async || {
        let known: bool = sqlx::query_scalar(all_known).bind(&sent).fetch_one(&stage.ground.pool).await.ok()?;
        known.then_some(())
    };
    until("what the killed worker had sent is settled", PATIENCE, are_known).await?;
    Ok(Recovery::of(killed.elapsed()))
}

/// From the last restart.
pub async fn kill_repeatedly(stage: &mut Stage) -> Result<Recovery> {
    for turn in 0..KILLS {
        let worker = Process::Worker(turn % WORKERS);
        stage.ground.stack.process(worker).server.kill();
        stage.ground.stack.start_again(worker).await?;
        sleep(BETWEEN).await;
    }
    Ok(Recovery::of(one_goes_through(stage).await?))
}
