//! The job in our hands, and the fence around it.

use makerlab_shared::store::jobs::TakenJob;
use std::time::{Duration, Instant};

/// A taken job, and until when it is ours by the monotonic clock.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub job: TakenJob,
    pub lease_ends: Instant,
}

impl Held {
    /// The fence: whether a call that starts now must have ended before the lease does.
    pub fn outlasts(&self, call: Duration) -> bool {
        Instant::now() + call < self.lease_ends
    }
}
