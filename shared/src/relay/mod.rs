//! The relay: rings the bell of every job once per due time. Runs in the api and in the worker; any number is safe.
//!
//! A commit wakes the relay of its own process; a poll each second covers what others left behind. Nothing is claimed
//! while the broker is away, and nothing here is needed for a job to be run in the end: the second bell is the worker's.

mod health;
mod ring;

pub use health::{BrokerState, RelayHealth};

use crate::{
    broker::{self, BrokerError, Names, Publisher, RECONNECT},
    settings::BrokerSettings,
    telemetry::metrics::BROKER_CONNECTED,
};
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

const POLL: Duration = Duration::from_secs(1);
/// A pause after each ring, in which jobs gather: who was idle rings at once, and under load one batch carries many, since
/// each costs two commits beside those of the requests.
const GATHER: Duration = Duration::from_millis(40);

/// Wakes the relay of this process. Cheap to clone; waking twice is waking once.
#[derive(Debug, Clone, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// What the relay needs; [`Relay::run`] consumes it.
pub struct Relay {
    pool: PgPool,
    settings: BrokerSettings,
    process: &'static str,
    waker: Waker,
    state: watch::Sender<BrokerState>,
}

impl Relay {
    /// `process` is the name of the connection that operators see in the broker.
    pub fn new(pool: PgPool, settings: BrokerSettings, process: &'static str) -> Self {
        let state = watch::Sender::new(BrokerState::connecting());
        Self { pool, settings, process, waker: Waker::default(), state }
    }

    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    pub fn health(&self) -> RelayHealth {
        RelayHealth::new(self.state.subscribe())
    }

    /// Runs until cancelled. Any broker error drops the connection and starts over with backoff.
    pub async fn run(self, stop: CancellationToken) {
        let mut failures = 0;
        metrics::gauge!(BROKER_CONNECTED).set(0.0);
        while !stop.is_cancelled() {
            let ended = tokio::select! {
                ended = self.ring_while_connected(&mut failures) => ended,
                () = stop.cancelled() => return,
            };
            let Err(error) = ended;
            self.note_down(&error);
            let pause = RECONNECT.delay(failures, &mut rand::rng());
            failures += 1;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn ring_while_connected(&self, failures: &mut u32) -> Result<std::convert::Infallible, BrokerError> {
        let session = broker::connect(&self.settings.url, self.process).await?;
        let names = Names::new(&self.settings.prefix);
        let publisher = Publisher::open(&session, names.clone()).await?;
        broker::declare(publisher.channel(), &names).await?;
        *failures = 0;
        self.note_up();
        loop {
            self.ring_all_due(&publisher).await?;
            tokio::time::sleep(GATHER).await;
            tokio::select! {
                () = self.waker.0.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
            if !session.is_open() {
                return Err(BrokerError::Timeout("watching the connection"));
            }
        }
    }

    async fn ring_all_due(&self, publisher: &Publisher) -> Result<(), BrokerError> {
        loop {
            match ring::ring_batch(&self.pool, publisher).await {
                Ok(ring::Batch::Full) => {}
                Ok(ring::Batch::Last) => return Ok(()),
                Err(ring::RingError::Broker(error)) => return Err(error),
                Err(ring::RingError::Store(error)) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "The relay cannot read due jobs; next try in a second"
                    );
                    return Ok(());
                }
            }
        }
    }

    fn note_up(&self) {
        self.state.send_replace(BrokerState::Connected);
        metrics::gauge!(BROKER_CONNECTED).set(1.0);
        tracing::info!("Connected to the broker");
    }

    fn note_down(&self, error: &BrokerError) {
        let down = self.state.borrow().lost(error);
        metrics::gauge!(BROKER_CONNECTED).set(0.0);
        if self.state.send_replace(down) == BrokerState::Connected {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "The broker is away; jobs wait for it or for the second bell"
            );
        }
    }
}
