//! What sync and sweep share as jobs that come round by themselves.

use crate::{
    calls::CallFailure,
    context::Context,
    jobs::{Failure, Handled},
};
use chrono::{DateTime, Utc};
use makerlab_shared::store::{
    jobs::{self, RunCounts, TakenJob},
    link, operations,
};
use std::time::Duration;

/// Why nothing is asked of Snipe-IT at the moment.
pub(super) async fn find_pause(context: &Context) -> Result<Option<String>, Failure> {
    let mut conn = context.pool.acquire().await?;
    Ok(link::load(&mut conn).await?.pause.map(|pause| pause.cause))
}

/// Keeps a job that only reads for another lease, and says when that was by PostgreSQL's clock. `None`: it is not ours
/// any more.
pub(super) async fn keep(context: &Context, job: &TakenJob) -> Result<Option<DateTime<Utc>>, Failure> {
    let mut conn = context.pool.acquire().await?;
    if !jobs::prolong(&mut conn, job, context.times.lease).await? {
        return Ok(None);
    }
    Ok(Some(operations::now(&mut conn).await?))
}

/// The round was stopped by Snipe-IT or the budget, which is not the job's fault: a round that never ends must not run
/// out of runs.
pub(super) fn again_after(failure: &CallFailure, next_round: Duration) -> Handled {
    const PATIENCE: Duration = Duration::from_secs(60);
    let wait = match failure {
        CallFailure::NoBudget { wait } => *wait,
        CallFailure::Read(_) | CallFailure::Store(_) => next_round.min(PATIENCE),
    };
    Handled::again(wait, failure.to_string(), RunCounts::GivenBack)
}
