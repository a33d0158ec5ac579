//! The gate of the lanes that call Snipe-IT: shut while the link is paused.

use makerlab_shared::{domain::job::Lane, store::link};
use sqlx::PgPool;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
pub struct Gate(watch::Receiver<bool>);

impl Gate {
    /// Watches the link until cancelled. A database that cannot be asked leaves the gate as it is.
    pub fn watch(pool: PgPool, stop: CancellationToken) -> (Self, impl Future<Output = ()>) {
        let (open, gate) = watch::channel(true);
        let watching = async move {
            while !stop.is_cancelled() {
                if let Ok(is_paused) = is_paused(&pool).await {
                    open.send_if_modified(|was_open| std::mem::replace(was_open, !is_paused) == is_paused);
                }
                tokio::select! {
                    () = tokio::time::sleep(LOOK) => {}
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

async fn is_paused(pool: &PgPool) -> Result<bool, makerlab_shared::store::StoreError> {
    let mut conn = pool.acquire().await?;
    Ok(link::load(&mut conn).await?.pause.is_some())
}
