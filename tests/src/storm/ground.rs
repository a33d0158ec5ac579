//! What a storm rages over: servers of its own that may be broken, the product as processes, and proxies in front of
//! Snipe-IT and the mail server.

use std::time::Duration;

use anyhow::Context;
use sqlx::{PgPool, postgres::PgPoolOptions};

use super::{smtp_proxy::SmtpProxy, snipeit_proxy::SnipeitProxy, times};
use crate::{
    lab::{InstallPolicy, LabError, LabFolder, Postgres, RabbitMq, Services, TestDatabase, services::off_the_runtime},
    mailbox::Mailbox,
    simulator::{NewUser, Seed, Simulator, SimulatorOptions, ThrottleRule},
    stack::{Stack, StackOptions, Surroundings, Variables},
};

pub const QUEUE_PREFIX: &str = "storm";
pub const ASSETS: usize = 480;
pub const MODELS: usize = 12;
pub const BORROWERS: usize = 24;

/// What one storm differs in from another.
#[derive(Debug, Clone)]
pub struct GroundOptions {
    pub seed: u64,
    pub policy: InstallPolicy,
    pub apis: usize,
    pub workers: usize,
    pub throttle: Option<ThrottleRule>,
    /// They win over the storm's usual ones.
    pub variables: Variables,
}

impl GroundOptions {
    /// Of a storm.
    pub fn new(seed: u64, policy: InstallPolicy) -> Self {
        Self { seed, policy, apis: super::APIS, workers: super::WORKERS, throttle: None, variables: Vec::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The fields are dropped in their order: the processes first.
pub struct Ground {
    pub stack: Stack,
    pub snipeit: SnipeitProxy,
    pub smtp: SmtpProxy,
    pub simulator: Simulator,
    pub mailbox: Mailbox,
    /// To look behind the counter, as the owner.
    pub pool: PgPool,
    _database: TestDatabase,
    pub services: Services,
}

impl Ground {
    pub async fn prepare(options: &GroundOptions) -> anyhow::Result<Self> {
        let folder = LabFolder::create()?;
        let services = Services::start(folder.clone(), options.policy).await?;
        let simulator = SimulatorOptions {
            throttle: options.throttle,
            seed: Seed::sized(ASSETS, MODELS),
            threads: 2,
            ..SimulatorOptions::default()
        };
        let timezone = simulator.timezone.to_string();
        let simulator = Simulator::start(simulator).context("could not start the simulator")?;
        for number in 1..=BORROWERS {
            let (name, email) = borrower(number);
            simulator.state().hands().create_user(NewUser::named(&name, "Borrower", &email));
        }
        let mailbox = Mailbox::start()?;
        let snipeit = SnipeitProxy::start(&simulator.origin(), options.seed).await?;
        let smtp = SmtpProxy::start(&mailbox.smtp_url(), options.seed).await?;
        let database = TestDatabase::migrated_on(&services.postgres).await?;
        let surroundings = Surroundings {
            owner_url: database.owner_url().into(),
            database_url: database.app_url().into(),
            amqp_url: services.rabbitmq.amqp_url().into(),
            queue_prefix: QUEUE_PREFIX.to_owned(),
            snipeit_url: snipeit.url(),
            snipeit_token: simulator.token().to_owned().into(),
            snipeit_timezone: timezone,
            smtp_url: smtp.url().into(),
        };
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(3))
            .connect_lazy(&database.owner_url())?;
        let variables = [times::variables(), options.variables.clone()].concat();
        let stack = StackOptions { variables, ..StackOptions::new(folder, surroundings) };
        let stack = Stack::start(StackOptions { apis: options.apis, workers: options.workers, ..stack }).await?;
        Ok(Self { stack, snipeit, smtp, simulator, mailbox, pool, _database: database, services })
    }

    /// Where frontends ask; any api will do.
    pub fn api_urls(&self) -> Vec<String> {
        self.stack.apis.iter().filter_map(|api| api.url.clone()).collect()
    }

    /// Something slow or blocking with the broker, off the runtime.
    pub async fn with_broker<T: Send + 'static>(
        &self,
        act: impl FnOnce(&RabbitMq) -> Result<T, LabError> + Send + 'static,
    ) -> anyhow::Result<T> {
        let broker = self.services.rabbitmq.clone();
        Ok(off_the_runtime(move || act(&broker)).await?)
    }

    /// The same with the database server.
    pub async fn with_postgres<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Postgres) -> Result<T, LabError> + Send + 'static,
    ) -> anyhow::Result<T> {
        let postgres = self.services.postgres.clone();
        Ok(off_the_runtime(move || act(&postgres)).await?)
    }
}

/// Name and e-mail address of a borrower, in Snipe-IT as with us; counted from 1.
pub fn borrower(number: usize) -> (String, String) {
    (format!("Number {number:02}"), format!("borrower.{number:02}@lab.example"))
}
