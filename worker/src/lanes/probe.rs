//! The probe: while nothing is sent to Snipe-IT, one worker reads now and then; the first sane answer ends the pause. And
//! after an unclear answer it reads at once, so that an outage is known within seconds also where nobody asks for anything.

use crate::{
    calls::{CallFailure, Health},
    context::Context,
};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::job::Lane,
    store::link,
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// At least as often as it is probed.
const LOOK: Duration = Duration::from_secs(1);

/// Probes until stopped.
pub async fn probe(context: Context, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for probed in [probe_if_due(&context).await, ask_if_in_doubt(&context).await] {
            if let Err(error) = probed {
                tracing::debug!(error = &error as &dyn std::error::Error, "The probe could not be made");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK.min(context.times.probe_interval)) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// The cheapest read, rather than the one that failed: a list that alone is too long must not pause what works. Its answer,
/// or the lack of one, is counted like any other.
async fn ask_if_in_doubt(context: &Context) -> Result<(), CallFailure> {
    let is_ours = {
        let mut conn = context.pool.acquire().await?;
        link::claim_doubt(&mut conn, LOOK.min(context.times.probe_interval)).await?
    };
    if is_ours {
        context.read(Lane::Counter, async |snipeit| snipeit.probe().await).await?;
    }
    Ok(())
}

async fn probe_if_due(context: &Context) -> Result<(), CallFailure> {
    let is_ours = {
        let mut conn = context.pool.acquire().await?;
        link::claim_probe(&mut conn, context.times.probe_interval).await?
    };
    if !is_ours {
        return Ok(());
    }
    crash::pass(CrashPoint::ProbeClaimed);
    // The token file may hold a new token: the usual cure for the usual cause.
    if let Err(error) = context.snipeit.reload_token() {
        tracing::warn!(error = &error as &dyn std::error::Error, "The Snipe-IT token cannot be read again");
    }
    match context.read(Lane::Counter, async |snipeit| snipeit.probe().await).await {
        Ok(_) => {
            crash::pass(CrashPoint::ProbeAnswered);
            let mut conn = context.pool.acquire().await?;
            if link::resume(&mut conn).await? {
                crash::pass(CrashPoint::PauseEnded);
                tracing::info!("Snipe-IT answers again; work goes on");
                context.waker.wake();
            }
            Ok(())
        }
        Err(CallFailure::Read(failure)) => {
            let cause = match Health::of_failure(&failure) {
                Health::Installation(cause) => cause,
                Health::Outage(what) => format!("Snipe-IT does not answer: {what}"),
                Health::Good | Health::Throttled => return Ok(()),
            };
            let mut conn = context.pool.acquire().await?;
            link::name_pause(&mut conn, &cause).await?;
            Ok(())
        }
        Err(other) => Err(other),
    }
}
