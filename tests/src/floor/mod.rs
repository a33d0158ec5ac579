//! A lab floor for tests: database, Snipe-IT simulator, mailbox and a worker's context, with everything a requisition
//! needs in place. The real loop is run, without broker: a test rings the bell itself.

mod force;
mod given;
mod see;

use crate::{
    lab::database::TestDatabase,
    mailbox::Mailbox,
    simulator::{Seed, Simulator, SimulatorOptions, ThrottleRule},
};
use makerlab_shared::{
    domain::id::{JobId, ModelId, ProjectId, UserId},
    relay::Waker,
    settings::{Environment, MaskedUrl},
};
use makerlab_worker::{
    context::Context,
    jobs::{self, Ran},
    serve,
    settings::WorkerSettings,
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::time::{Duration, Instant};

pub use given::{Asked, Borrower, Catalogue};
pub(crate) use given::{person, project, units, write};

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
        let database = TestDatabase::migrated().await;
        let pool =
            PgPoolOptions::new().max_connections(8).connect(&database.app_url()).await.expect("the test database");
        let simulator = Simulator::start(SimulatorOptions { throttle, seed: Seed::small_lab(), ..Default::default() })
            .expect("a simulator");
        let mailbox = Mailbox::start().expect("a mailbox");
        let worker = Self::worker_context(&pool, &simulator, &mailbox, settings);
        let (people, catalogue) = given::everything(&pool, &simulator).await;
        Self { database, pool, simulator, mailbox, worker, people, catalogue, skips_the_limit: true }
    }

    /// Another worker on the same floor.
    pub fn another_worker(&self, settings: &[(&str, &str)]) -> Context {
        Self::worker_context(&self.pool, &self.simulator, &self.mailbox, settings)
    }

    fn worker_context(pool: &PgPool, simulator: &Simulator, mailbox: &Mailbox, settings: &[(&str, &str)]) -> Context {
        let smtp_url = mailbox.smtp_url();
        let mut pairs = vec![
            ("DATABASE_URL", "postgres://unused@127.0.0.1/unused"),
            ("AMQP_URL", "amqp://unused@127.0.0.1/unused"),
            ("LAB_TIMEZONE", "Europe/Lisbon"),
            ("SNIPEIT_TIMEZONE", "Europe/Lisbon"),
            ("SNIPEIT_URL", simulator.url()),
            ("SNIPEIT_API_TOKEN", simulator.token()),
            ("SNIPEIT_CONNECT_TIMEOUT", "1s"),
            ("SNIPEIT_TIMEOUT", "20s"),
            ("SNIPEIT_SLACK", "100ms"),
            ("JOB_LEASE", "30s"),
            ("SNIPEIT_SERVER_LIMIT", "300ms"),
            ("SNIPEIT_PROBE_INTERVAL", "200ms"),
            ("SMTP_URL", &smtp_url),
            ("MAIL_FROM", "MakerLab <makerlab@lab.example>"),
        ];
        pairs.retain(|(name, _)| settings.iter().all(|(other, _)| other != name));
        pairs.extend_from_slice(settings);
        let settings = WorkerSettings::load(&Environment::from_pairs(pairs)).expect("settings for tests");
        let _: &Option<MaskedUrl> = &settings.public_url;
        serve::context(&settings, pool.clone(), Waker::default()).expect("a worker's context")
    }

    /// Rings one bell.
    pub async fn ring(&self, job: JobId) -> Ran {
        jobs::run(&self.worker, job).await.expect("a run that could be settled")
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
