//! Waiting for a condition, never for a time.

use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, sleep};

const POLL: Duration = Duration::from_millis(20);

/// Asks until there is an answer. The error names `what` was waited for.
pub async fn until<T>(
    what: &str,
    patience: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = condition().await {
            return Ok(answer);
        }
        if Instant::now() >= deadline {
            bail!("waited {patience:?} in vain until {what}");
        }
        sleep(POLL).await;
    }
}
