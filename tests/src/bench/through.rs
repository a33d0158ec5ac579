//! All the way: straight-through requisitions from the submit to `checked_out`.

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::JoinSet;

use super::{cast::Cast, ground::Ground};

/// People who submit one after another; more would only make the queue longer.
const REQUESTERS: usize = 4;

/// Requisitions a second, submitted for `time` and waited for.
pub async fn measure(ground: &Ground, cast: &Cast, time: Duration, most: usize) -> anyhow::Result<f64> {
    let out_before = ground.count_in_status("checked_out").await?;
    let began = Instant::now();
    let mut requesters = JoinSet::new();
    for requester in 0..REQUESTERS {
        let cast = cast.clone();
        requesters.spawn(async move {
            let mut submitted = 0;
            while submitted < most / REQUESTERS && began.elapsed() < time {
                cast.request(submitted * REQUESTERS + requester).await?;
                submitted += 1;
            }
            anyhow::Ok(submitted)
        });
    }
    let mut submitted = 0;
    while let Some(count) = requesters.join_next().await {
        submitted += count.context("a requester panicked")??;
    }
    ground.in_status("checked_out", out_before + submitted).await?;
    Ok(submitted as f64 / began.elapsed().as_secs_f64())
}
