//! A lab floor for tests: database, Snipe-IT simulator, mailbox and a worker's context, with everything a requisition
//! needs in place. The real loop is run, without broker: a test rings the bell itself.

mod force;
mod furnish;
mod given;
mod see;
mod worker;

use crate::{
    lab::database::TestDatabase,
    mailbox::Mailbox,
    simulator::{Simulator, SimulatorOptions, ThrottleRule},
};
use makerlab_shared::domain::id::{JobId, ModelId, ProjectId, UserId};
use makerlab_worker::{
    context::Context,
    jobs::{self, Ran},
    operations,
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::time::{Duration, Instant};

pub use furnish::{Borrower, Catalogue};
pub(crate) use furnish::{person, project, units, write};
pub use given::Asked;
pub use worker::worker_beside;

/// How long a test waits for something that must happen.
pub const DEADLINE: Duration = Duration::from_secs(30);

pub struct Floor {
    pub database: TestDatabase,
    pub pool: PgPool,
    pub simulator: Simulator,
    pub mailbox: Mailbox,
    pub worker: Context,
    pub people: People,
    pub catalogue: Catalogue,
    /// Whether waiting for Snipe-IT's request limit is cut short.
    skips_the_limit: bool,
}

/// Whom and what every floor has.
#[derive(Debug, Clone)]
pub struct People {
    pub student: Borrower,
    pub technician: UserId,
    pub project: ProjectId,
    pub model: ModelId,
}

impl Floor {
    /// A floor with patient timeouts, on which nobody waits for Snipe-IT's request limit: no test depends on how fast
    /// the machine is.
    pub async fn new() -> Self {
        Self::with(&[], None).await
    }

    /// A floor on which time passes, with the protocol's times scaled down together: for what happens while it passes.
    pub async fn in_real_time() -> Self {
        let scaled = [("SNIPEIT_TIMEOUT", "2s"), ("JOB_LEASE", "3s"), ("SNIPEIT_SERVER_LIMIT", "2s")];
        Self { skips_the_limit: false, ..Self::with(&scaled, None).await }
    }

    pub async fn with(settings: &[(&str, &str)], throttle: Option<ThrottleRule>) -> Self {
        Self::beside(SimulatorOptions { throttle, ..SimulatorOptions::default() }, settings).await
    }

    /// A floor beside any Snipe-IT.
    pub async fn beside(snipeit: SimulatorOptions, settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::migrated().await;
        let pool =
            PgPoolOptions::new().max_connections(8).connect(&database.app_url()).await.expect("the test database");
        let simulator = Simulator::start(snipeit).expect("a simulator");
        let mailbox = Mailbox::start().expect("a mailbox");
        let worker = worker::context(&pool, &simulator, &mailbox, settings);
        // As at every start of a worker.
        operations::accept_database(&worker).await.expect("this is the first database");
        let (people, catalogue) = furnish::everything(&pool, &simulator).await;
        Self { database, pool, simulator, mailbox, worker, people, catalogue, skips_the_limit: true }
    }

    /// Another worker on the same floor.
    pub fn another_worker(&self, settings: &[(&str, &str)]) -> Context {
        worker::context(&self.pool, &self.simulator, &self.mailbox, settings)
    }

    /// Rings one bell.
    pub async fn ring(&self, job: JobId) -> Ran {
        jobs::run(&self.worker, job).await.expect("a run that could be settled")
    }

    /// Rings one bell, whatever its job waits for.
    pub async fn ring_now(&self, job: JobId) -> Ran {
        self.make_due(job).await;
        self.ring(job).await
    }

    /// Runs whatever is due, as the bells would, until the condition holds.
    pub async fn work_until<F: AsyncFn(&Self) -> bool>(&self, what: &str, condition: F) {
        let began = Instant::now();
        while !condition(self).await {
            assert!(began.elapsed() < DEADLINE, "this did not happen: {what}\n{}", self.describe().await);
            if self.skips_the_limit {
                self.let_the_limit_pass().await;
            }
            for job in self.due_jobs().await {
                let _ran = jobs::run(&self.worker, job).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
