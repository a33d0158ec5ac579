//! Snipe-IT and the mail server at their worst.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::{Recovery, Stage, through::one_goes_through};
use crate::{
    simulator::{Fault, Page},
    storm::weather::Mood,
};

/// Just below the time that a call may take.
const SLOW: Duration = Duration::from_millis(1200);
const LONG: Duration = Duration::from_secs(12);

/// From the moment in which Snipe-IT is quick again.
pub async fn slow_snipeit(stage: &mut Stage) -> Result<Recovery> {
    stage.ground.snipeit.set_mood(Mood::Slow(SLOW));
    sleep(LONG).await;
    stage.ground.snipeit.set_mood(Mood::Calm);
    Ok(Recovery::of(one_goes_through(stage).await?))
}

/// From the moment in which Snipe-IT takes calls again.
pub async fn storm_of_429(stage: &mut Stage) -> Result<Recovery> {
    let faults = stage.ground.simulator.state().faults();
    faults.add(Fault::on_every_call().instead(Page::TooManyRequests).until_cleared());
    sleep(LONG).await;
    faults.clear();
    Ok(Recovery::of(one_goes_through(stage).await?))
}

/// How long a requisition takes while no letter leaves.
pub async fn hung_mail(stage: &mut Stage) -> Result<Recovery> {
    stage.ground.smtp.set_mood(Mood::Hung);
    sleep(LONG).await;
    let took = one_goes_through(stage).await?;
    stage.ground.smtp.set_mood(Mood::Calm);
    Ok(Recovery::of(took))
}
