//! The gate of the lanes that call Snipe-IT: shut until it is known whose inventory answers, and while the link is paused.

use crate::{catalogue, context::Context, jobs::Failure};
use chrono::{DateTime, SecondsFormat, Utc};
use makerlab_shared::{domain::job::Lane, store::link};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const LOOK: Duration = Duration::from_secs(1);
/// Recognising costs calls.
const NEXT_TRY: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Open,
    /// By the link, which says why.
    Paused,
    NotRecognised {
        reason: String,
        since: DateTime<Utc>,
    },
}

#[derive(Debug, Clone)]
pub struct Gate(watch::Receiver<State>);

impl Gate {
    /// Watches the link until cancelled. What cannot be asked leaves the gate as it is.
    pub fn watch(context: Context, stop: CancellationToken) -> (Self, impl Future<Output = ()>) {
        let (state, gate) =
            watch::channel(State::NotRecognised { reason: "not asked yet".to_owned(), since: Utc::now() });
        let watching = async move {
            let mut is_recognised = false;
            while !stop.is_cancelled() {
                let found_out = tokio::select! {
                    found_out = may_open(&context, &mut is_recognised) => found_out,
                    () = stop.cancelled() => return,
                };
                let (now, next) = match found_out {
                    Ok(true) => (State::Open, LOOK),
                    Ok(false) => (State::Paused, LOOK),
                    Err(failure) => {
                        let error = &failure as &dyn std::error::Error;
                        tracing::warn!(error, "Whether Snipe-IT may be called could not be found out; next try soon");
                        (state.borrow().still_shut(is_recognised, &failure), NEXT_TRY)
                    }
                };
                state.send_if_modified(|was| std::mem::replace(was, now.clone()) != now);
                tokio::select! {
                    () = tokio::time::sleep(next) => {}
                    () = stop.cancelled() => {}
                }
            }
        };
        (Self(gate), watching)
    }

    pub fn is_open(&self, lane: Lane) -> bool {
        !lane.calls_snipeit() || *self.0.borrow() == State::Open
    }

    /// What is wrong and what it means, for whoever operates it; `None`: nothing is, or the link's pause says it.
    pub fn trouble(&self) -> Option<String> {
        let State::NotRecognised { reason, since } = &*self.0.borrow() else { return None };
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        Some(format!(
            "whose inventory answers at SNIPEIT_URL is not known since {since} ({reason}): this worker sends nothing"
        ))
    }

    /// Resolves when the lane may work.
    pub async fn opened(&mut self, lane: Lane) {
        if lane.calls_snipeit() {
            let _watcher_gone = self.0.wait_for(|state| *state == State::Open).await;
        }
    }

    /// Resolves when the lane must stop.
    pub async fn shut(&mut self, lane: Lane) {
        if !lane.calls_snipeit() || self.0.wait_for(|state| *state != State::Open).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl State {
    /// The latest reason, and the instant of the first.
    fn still_shut(&self, is_recognised: bool, failure: &Failure) -> Self {
        let since = match self {
            _ if is_recognised => return self.clone(),
            Self::Open | Self::Paused => Utc::now(),
            Self::NotRecognised { since, .. } => *since,
        };
        let reason = match failure {
            Failure::Call(call) => call.to_string(),
            other => other.to_string(),
        };
        Self::NotRecognised { reason, since }
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
