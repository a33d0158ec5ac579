//! The gate of the lanes that call Snipe-IT: shut until it is known whose inventory answers, and while the link is paused.

use crate::{catalogue, context::Context, jobs::Failure};
use makerlab_shared::{domain::job::Lane, store::link};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const LOOK: Duration = Duration::from_secs(1);
/// Recognising costs calls.
const NEXT_TRY: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub struct Gate(watch::Receiver<bool>);

impl Gate {
    /// Watches the link until cancelled. What cannot be asked leaves the gate as it is.
    pub fn watch(context: Context, stop: CancellationToken) -> (Self, impl Future<Output = ()>) {
        let (open, gate) = watch::channel(false);
        let watching = async move {
            let mut is_recognised = false;
            while !stop.is_cancelled() {
                let found_out = tokio::select! {
                    found_out = may_open(&context, &mut is_recognised) => found_out,
                    () = stop.cancelled() => return,
                };
                let next = match found_out {
                    Ok(may_open) => {
                        open.send_if_modified(|was_open| std::mem::replace(was_open, may_open) != may_open);
                        LOOK
                    }
                    Err(failure) => {
                        let error = &failure as &dyn std::error::Error;
                        tracing::warn!(error, "Whether Snipe-IT may be called could not be found out; next try soon");
                        NEXT_TRY
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(next) => {}
                    () = stop.cancelled() => {}
                }
            }
        };
        (Self(gate), watching)
    }

    pub fn is_open(&self, lane: Lane) -> bool {
        !lane.calls_snipeit() || *self.0.borrow()
    }

    /// Resolves when the lane may work.
    pub async fn opened(&mut self, lane: Lane) {
        if lane.calls_snipeit() {
            let _watcher_gone = self.0.wait_for(|open| *open).await;
        }
    }

    /// Resolves when the lane must stop.
    pub async fn shut(&mut self, lane: Lane) {
        if !lane.calls_snipeit() || self.0.wait_for(|open| !open).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The inventory is recognised once in a worker's life; later the sync compares it.
async fn may_open(context: &Context, is_recognised: &mut bool) -> Result<bool, Failure> {
    let mut conn = context.pool.acquire().await?;
    if link::load(&mut conn).await?.pause.is_some() {
        return Ok(false);
    }
    drop(conn);
    if !*is_recognised {
        *is_recognised = catalogue::recognise(context).await?;
    }
    Ok(*is_recognised)
}
