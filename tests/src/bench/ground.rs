//! What the bench stands on: private servers, a large inventory that answers at once, a mailbox, one database.

use anyhow::Context;
use sqlx::{Connection, PgConnection};
use std::time::Duration;

use super::options::Options;
use crate::{
    lab::{LabFolder, Services, TestDatabase, services::off_the_runtime},
    mailbox::Mailbox,
    simulator::{Seed, Simulator, SimulatorOptions},
    stack::{Stack, StackOptions, Surroundings, until},
};

/// Enough that a unit is free for everybody, over so many models that requesters do not wait for one another's choice.
const ASSETS: usize = 4000;
const MODELS: usize = 40;

/// Connections of the api to the database, and of pgbench: the product's default.
pub const POOL: usize = 10;

const PATIENCE: Duration = Duration::from_secs(180);

/// The fields are dropped in their order.
pub struct Ground {
    pub surroundings: Surroundings,
    pub simulator: Simulator,
    _mailbox: Mailbox,
    pub database: TestDatabase,
    pub services: Services,
    pub folder: LabFolder,
}

impl Ground {
    pub async fn prepare(options: &Options) -> anyhow::Result<Self> {
        let folder = LabFolder::create()?;
        let services = Services::start(folder.clone(), options.policy()).await?;
        let simulator =
            SimulatorOptions { throttle: None, seed: Seed::sized(ASSETS, MODELS), threads: 2, ..Default::default() };
        let timezone = simulator.timezone.to_string();
        let simulator = Simulator::start(simulator).context("could not start the simulator")?;
        let mailbox = Mailbox::start()?;
        let database = TestDatabase::migrated_on(&services.postgres).await?;
        let surroundings = Surroundings {
            owner_url: database.owner_url().into(),
            database_url: database.app_url().into(),
            amqp_url: services.rabbitmq.amqp_url().into(),
            queue_prefix: "bench".to_owned(),
            snipeit_url: simulator.url().to_owned(),
            snipeit_token: simulator.token().to_owned().into(),
            snipeit_timezone: timezone,
            smtp_url: mailbox.smtp_url().into(),
        };
        Ok(Self { surroundings, simulator, _mailbox: mailbox, database, services, folder })
    }

    /// One api and so many workers, with the defaults of the product but for the throttle that is not there.
    pub async fn stack(&self, workers: usize) -> anyhow::Result<Stack> {
        let options = StackOptions::new(self.folder.clone(), self.surroundings.clone());
        // The rounds are no part of a check-out and would be counted as its calls.
        let pool = POOL.to_string();
        let variables =
            [("SNIPEIT_THROTTLED", "false"), ("SWEEP_INTERVAL", "1h"), ("DATABASE_MAX_CONNECTIONS", pool.as_str())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Stack::start(StackOptions { variables, workers, ..options }).await
    }

    pub async fn catalogue_filled(&self) -> anyhow::Result<()> {
        self.counts("the catalogue is filled", "select count(*) from equipment", ASSETS).await
    }

    /// No job is open and due: nobody has anything to do.
    pub async fn idle(&self) -> anyhow::Result<()> {
        let due = "select count(*) from jobs where state = 'open' and due_at < now() + interval '1 minute'";
        self.counts("all jobs are done", due, 0).await
    }

    /// Every bell that is due was rung.
    pub async fn all_rung(&self) -> anyhow::Result<()> {
        let due =
            "select count(*) from jobs where state = 'open' and due_at <= now() and rung_for is distinct from due_at";
        self.counts("all bells were rung", due, 0).await
    }

    pub async fn in_status(&self, status: &str, wanted: usize) -> anyhow::Result<()> {
        let query = format!("select count(*) from requisitions where status = '{status}'");
        self.counts(&format!("{wanted} requisitions are {status}"), &query, wanted).await
    }

    pub async fn count_in_status(&self, status: &str) -> anyhow::Result<usize> {
        let mut connection = PgConnection::connect(&self.database.owner_url()).await?;
        let count = sqlx::query_scalar("select count(*) from requisitions where status = $1").bind(status);
        let count: i64 = count.fetch_one(&mut connection).await?;
        Ok(usize::try_from(count)?)
    }

    async fn counts(&self, what: &str, query: &str, wanted: usize) -> anyhow::Result<()> {
        let mut connection = PgConnection::connect(&self.database.owner_url()).await?;
        let mut seen = 0;
        let counted = until(what, PATIENCE, async || {
            let query = sqlx::AssertSqlSafe(query);
            seen = sqlx::query_scalar::<_, i64>(query).fetch_one(&mut connection).await.ok()?;
            (usize::try_from(seen) == Ok(wanted)).then_some(())
        });
        let counted = counted.await;
        connection.close().await?;
        counted.with_context(|| format!("counted {seen} instead of {wanted}"))
    }

    /// Ends the listening-in for connections that are opened from now on.
    pub async fn log_no_more(&self) -> anyhow::Result<()> {
        let setting = format!("alter database \"{}\" reset log_statement;", self.database.name());
        let postgres = self.services.postgres.clone();
        Ok(off_the_runtime(move || postgres.administer(&setting)).await?)
    }

    /// A database that is equal to ours as it is now; nobody may be connected to ours.
    pub async fn twin(&self) -> anyhow::Result<String> {
        const TWIN: &str = "bench_twin";
        let (postgres, original) = (self.services.postgres.clone(), self.database.name().to_owned());
        off_the_runtime(move || postgres.create_database(TWIN, Some(&original))).await?;
        Ok(TWIN.to_owned())
    }
}
