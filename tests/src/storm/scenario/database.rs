//! The database restarts, hangs up, or keeps everybody waiting.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::{
    Recovery, Stage,
    through::{of_model, one_goes_through, one_is_accepted},
};
use crate::lab::Postgres;

const DOWN: Duration = Duration::from_secs(2);
const CUTS: usize = 10;
const BETWEEN: Duration = Duration::from_millis(500);
const LOCKED: Duration = Duration::from_secs(6);
const CROWD: usize = 40;

/// From the moment in which the database is back until a requisition is accepted.
pub async fn restart(stage: &mut Stage) -> Result<Recovery> {
    stage
        .ground
        .with_postgres(|postgres| {
            postgres.stop_immediate();
            Ok(())
        })
        .await?;
    sleep(DOWN).await;
    stage.ground.with_postgres(Postgres::start_again).await?;
    let back = Instant::now();
    one_is_accepted(stage).await?;
    let accepting_again = back.elapsed();
    one_goes_through(stage).await?;
    Ok(Recovery::of(accepting_again))
}

/// From the last cut until a requisition has gone through.
pub async fn cut_connections(stage: &mut Stage) -> Result<Recovery> {
    const CUT: &str = "select pg_terminate_backend(pid) from pg_stat_activity
                       where backend_type = 'client backend' and pid <> pg_backend_pid();";
    for _ in 0..CUTS {
        sleep(BETWEEN).await;
        stage.ground.with_postgres(|postgres| postgres.administer(CUT)).await?;
    }
    Ok(Recovery::of(one_goes_through(stage).await?))
}

/// From the moment in which the lock is given up until a requisition has gone through. All connections of all pools
/// wait for it, and a crowd of clients waits for them.
pub async fn exhaust_pools(stage: &mut Stage) -> Result<Recovery> {
    let mut lock = stage.ground.pool.begin().await?;
    sqlx::query("lock table jobs, requisitions in access exclusive mode").execute(&mut *lock).await?;
    let unlocking = async {
        sleep(LOCKED).await;
        lock.rollback().await
    };
    let stage: &Stage = stage;
    let crowd = join_all((0..CROWD).map(|turn| of_model(stage, turn)));
    let after = async {
        unlocking.await?;
        one_goes_through(stage).await
    };
    let (crowd, took) = tokio::join!(crowd, after);
    crowd.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(Recovery::of(took?))
}
