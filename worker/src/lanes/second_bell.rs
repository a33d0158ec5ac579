//! The second bell: what is due is run although no message came. So a lost message, a wiped broker and a broker gone
//! for good cost time and nothing else.

use super::work::{Crew, Heard};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::job::Lane,
    relay::RelayHealth,
    store::jobs,
};
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_secs(1);
/// While the broker is known to be away there is nothing to wait for.
const WITHOUT_BROKER: Duration = Duration::from_secs(2);
/// A job this long overdue is run although its lane is busy: its message may be lost.
const LONG_OVERDUE: Duration = Duration::from_secs(15 * 60);

/// Listens until stopped.
pub async fn listen(crew: Crew, broker: RelayHealth) {
    let started = Instant::now();
    while !crew.stop.is_cancelled() {
        for lane in Lane::ALL {
            ring(&crew, *lane, &broker, started).await;
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = crew.stop.cancelled() => {}
        }
    }
}

async fn ring(crew: &Crew, lane: Lane, broker: &RelayHealth, started: Instant) {
    if !crew.gate.is_open(lane) {
        return;
    }
    let after = crew.context.rules.second_bell_after;
    let overdue_for = if !broker.is_connected() {
        after.min(WITHOUT_BROKER)
    } else if crew.silent_for(lane, started) >= after {
        after
    } else {
        LONG_OVERDUE.max(after)
    };
    let most = i64::try_from(crew.settings.concurrency(lane)).unwrap_or(1);
    let overdue = async {
        let mut conn = crew.context.pool.acquire().await?;
        jobs::list_overdue(&mut conn, lane, overdue_for, most).await
    };
    let Ok(overdue) = overdue.await else { return };
    for job in overdue {
        let Some(hand) = crew.try_hand(lane) else { return };
        let crew_of_task = crew.clone();
        crew.tasks.spawn(async move {
            crash::pass_in(lane, CrashPoint::SecondBellHeard);
            let heard = Heard { job: job.id, kind: job.kind, bell: "second", trace: job.traceparent.as_deref() };
            crew_of_task.answer(lane, heard).await;
            drop(hand);
        });
    }
}
