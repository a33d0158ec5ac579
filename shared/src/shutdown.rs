//! Ending well: a signal becomes a token, and what is running gets a bounded time to finish.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A token that is cancelled by the first SIGTERM or SIGINT. Needs a Tokio runtime.
///
/// The handlers stand before this returns, so that no early signal is lost. Further signals change nothing: a
/// terminal's Ctrl-C and a supervisor's SIGTERM often come together, and the second must not cut the draining short.
pub fn on_signal() -> io::Result<CancellationToken> {
    let terminate = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;
    let stopping = CancellationToken::new();
    tokio::spawn(cancel_on_first(terminate, interrupt, stopping.clone()));
    Ok(stopping)
}

async fn cancel_on_first(mut terminate: Signal, mut interrupt: Signal, stopping: CancellationToken) {
    let name = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    };
    tracing::info!("{name} received: nothing new is taken, what runs is finished");
    stopping.cancel();
}

/// How draining ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    Completely,
    /// The time was over; so many tasks were left to be ended with the process.
    WithTasksLeft(usize),
}

/// Waits until the tracked tasks have finished, but no longer than `limit`.
pub async fn drain(tasks: &TaskTracker, limit: Duration) -> Drained {
    tasks.close();
    if tokio::time::timeout(limit, tasks.wait()).await.is_ok() {
        return Drained::Completely;
    }
    let left = tasks.len();
    tracing::warn!("{left} tasks did not finish within {limit:?} and are cut off; their jobs will be taken up again");
    Drained::WithTasksLeft(left)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn sigterm_cancels_the_token_instead_of_ending_the_process() {
        let stopping = on_signal().unwrap();
        let ourselves = std::process::id().to_string();

        std::process::Command::new("kill").args(["-TERM", &ourselves]).status().unwrap();

        tokio::time::timeout(Duration::from_secs(10), stopping.cancelled()).await.unwrap();
    }

    #[tokio::test]
    async fn draining_waits_for_what_still_runs() {
        let tasks = TaskTracker::new();
        let stopping = CancellationToken::new();
        let token = stopping.clone();
        tasks.spawn(async move { token.cancelled().await });

        stopping.cancel();

        assert_eq!(drain(&tasks, Duration::from_secs(10)).await, Drained::Completely);
    }

    #[tokio::test]
    async fn draining_gives_up_on_what_never_ends() {
        let tasks = TaskTracker::new();
        tasks.spawn(pending::<()>());
        tasks.spawn(async {});

        assert_eq!(drain(&tasks, Duration::from_millis(50)).await, Drained::WithTasksLeft(1));
    }
}
