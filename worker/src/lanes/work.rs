//! The hands of a worker: so many per lane, whichever bell calls them.

use super::Gate;
use crate::{
    context::Context,
    jobs::{Failure, Ran, run},
};
use makerlab_shared::{
    domain::{
        id::JobId,
        job::{JobKind, Lane},
    },
    telemetry::{
        metrics::{JOB_DURATION_SECONDS, JOBS_TOTAL},
        traceparent,
    },
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

/// Jobs at once, per lane.
#[derive(Debug, Clone)]
pub struct LaneSettings {
    pub concurrency: BTreeMap<Lane, usize>,
}

impl LaneSettings {
    pub fn concurrency(&self, lane: Lane) -> usize {
        self.concurrency.get(&lane).copied().unwrap_or(1)
    }
}

/// What both bells share: the context, the hands of each lane, and when a lane last heard its first bell.
#[derive(Clone)]
pub struct Crew {
    pub context: Context,
    pub gate: Gate,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
    pub settings: Arc<LaneSettings>,
    hands: Arc<BTreeMap<Lane, Arc<Semaphore>>>,
    heard: Arc<Mutex<BTreeMap<Lane, Instant>>>,
}

/// One ring of a bell.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    pub job: JobId,
    /// `None`: a kind that only a newer version knows.
    pub kind: Option<JobKind>,
    /// The first or the second.
    pub bell: &'static str,
    pub trace: Option<&'a str>,
}

impl Heard<'_> {
    fn kind_word(&self) -> &'static str {
        self.kind.map_or("unknown", JobKind::as_str)
    }
}

/// Whether the bell may be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Forget,
    /// Nothing has happened: let it ring again elsewhere or later.
    GiveBack,
}

impl Crew {
    pub fn new(context: Context, gate: Gate, stop: CancellationToken, settings: LaneSettings) -> Self {
        let hands =
            Lane::ALL.iter().map(|lane| (*lane, Arc::new(Semaphore::new(settings.concurrency(*lane))))).collect();
        Self {
            context,
            gate,
            stop,
            tasks: TaskTracker::new(),
            settings: Arc::new(settings),
            hands: Arc::new(hands),
            heard: Arc::default(),
        }
    }

    /// A free hand of the lane; waits for one.
    pub async fn hand(&self, lane: Lane) -> OwnedSemaphorePermit {
        let hands = Arc::clone(&self.hands[&lane]);
        hands.acquire_owned().await.expect("the hands are never sent home")
    }

    /// A free hand of the lane, if there is one now.
    pub fn try_hand(&self, lane: Lane) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.hands[&lane]).try_acquire_owned().ok()
    }

    pub fn note_heard(&self, lane: Lane) {
        self.heard.lock().expect("nobody panics while holding this").insert(lane, Instant::now());
    }

    /// How long the lane has heard nothing of its first bell.
    pub fn silent_for(&self, lane: Lane, since_start: Instant) -> Duration {
        let heard = self.heard.lock().expect("nobody panics while holding this").get(&lane).copied();
        heard.unwrap_or(since_start).elapsed()
    }

    /// Answers one bell. Keeps it while the budget is used up, gives it back when nothing may be sent at all.
    pub async fn answer(&self, lane: Lane, heard: Heard<'_>) -> Answered {
        loop {
            let ran = self.run_traced(lane, heard).await;
            let wait = match ran {
                Ok(Ran::Settled | Ran::NothingToDo) => return Answered::Forget,
                Ok(Ran::Paused) => return Answered::GiveBack,
                Ok(Ran::NoBudget { wait }) => wait.clamp(Duration::from_millis(50), Duration::from_secs(61)),
                // The take is rolled back or its lease runs out; the bell rings again by itself.
                Err(failure) if failure.is_transient() => return Answered::GiveBack,
                Err(_) => return Answered::Forget,
            };
            // Everybody was told the same instant: a little apart, so that the window is not stormed.
            let apart = Duration::from_millis(rand::random_range(0..250));
            tokio::select! {
                () = tokio::time::sleep(wait + apart) => {}
                () = self.stop.cancelled() => return Answered::GiveBack,
            }
            if self.stop.is_cancelled() {
                return Answered::GiveBack;
            }
        }
    }

    async fn run_traced(&self, lane: Lane, heard: Heard<'_>) -> Result<Ran, Failure> {
        let span = tracing::info_span!(
            "job.run",
            otel.kind = "consumer",
            messaging.system = "rabbitmq",
            messaging.operation.name = "deliver",
            messaging.operation.r#type = "process",
            messaging.destination.name = lane.as_str(),
            messaging.rabbitmq.destination.routing_key = lane.as_str(),
            messaging.message.id = %heard.job,
            job.id = %heard.job,
            job.kind = heard.kind_word(),
            job.bell = heard.bell,
        );
        if let Some(trace) = heard.trace {
            traceparent::continue_from(&span, trace);
        }
        let began = Instant::now();
        async {
            let ran = run(&self.context, heard.job).await;
            log_run(lane, heard, began.elapsed(), &ran);
            ran
        }
        .instrument(span)
        .await
    }
}

fn log_run(lane: Lane, heard: Heard<'_>, took: Duration, ran: &Result<Ran, Failure>) {
    let (id, kind) = (heard.job, heard.kind_word());
    let outcome = match ran {
        Ok(Ran::Settled) => "settled",
        Ok(Ran::NothingToDo) => "nothing_to_do",
        Ok(Ran::NoBudget { .. }) => "no_budget",
        Ok(Ran::Paused) => "paused",
        Err(_) => "failed",
    };
    let lane_word = lane.as_str();
    metrics::counter!(JOBS_TOTAL, "lane" => lane_word, "kind" => kind, "bell" => heard.bell, "outcome" => outcome)
        .increment(1);
    metrics::histogram!(JOB_DURATION_SECONDS, "lane" => lane_word, "kind" => kind).record(took.as_secs_f64());
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match ran {
        Ok(Ran::Settled) => tracing::info!(job.lane = lane_word, job.kind = kind, duration_ms, "Job {id} was run"),
        Ok(_) => tracing::debug!(job.lane = lane_word, job.outcome = outcome, "Job {id}: nothing done"),
        Err(failure) if failure.is_transient() => {
            tracing::warn!(
                job.lane = lane_word,
                error = failure as &dyn std::error::Error,
                "Job {id} could not be settled; its bell rings again"
            );
        }
        Err(failure) => {
            tracing::error!(
                job.lane = lane_word,
                error = failure as &dyn std::error::Error,
                "Job {id} could not be settled"
            );
        }
    }
}
