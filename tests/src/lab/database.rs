//! One database per test, copied from a template that was migrated once, dropped with the test.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use sqlx::{Connection, PgConnection, migrate::Migrator};

use super::{
    LabError, Postgres,
    services::{off_the_runtime, shared_postgres},
};

pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

const TEMPLATE: &str = "makerlab_template";
static CREATED: AtomicU32 = AtomicU32::new(0);

/// Dropping it drops the database, with force, shortly afterwards.
#[derive(Debug)]
pub struct TestDatabase {
    postgres: Postgres,
    name: String,
}

impl TestDatabase {
    /// A migrated database on the PostgreSQL of this test process.
    ///
    /// # Panics
    /// When it cannot be had: a test cannot go on without.
    pub async fn migrated() -> Self {
        match Self::migrated_on(shared_postgres().await).await {
            Ok(database) => database,
            Err(error) => panic!("no database for the test: {}", error.report()),
        }
    }

    /// The same on a PostgreSQL that the test has for itself.
    pub async fn migrated_on(postgres: &Postgres) -> Result<Self, LabError> {
        let template = postgres.template().get_or_try_init(|| prepare_template(postgres)).await?;
        Self::create(postgres, Some(template)).await
    }

    pub async fn create(postgres: &Postgres, template: Option<&str>) -> Result<Self, LabError> {
        let name = format!("test_{}", CREATED.fetch_add(1, Ordering::Relaxed));
        let database = Self { postgres: postgres.clone(), name };
        let (postgres, name) = (postgres.clone(), database.name.clone());
        let template = template.map(str::to_owned);
        off_the_runtime(move || postgres.create_database(&name, template.as_deref())).await?;
        Ok(database)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    pub fn owner_url(&self) -> String {
        self.postgres.owner_url(&self.name)
    }

    pub fn app_url(&self) -> String {
        self.postgres.app_url(&self.name)
    }

    /// Moves the lab's clock, as only the owner of the tables may.
    ///
    /// # Panics
    /// When the database cannot be reached.
    pub async fn move_lab_clock(&self, days: i32) {
        let mut conn = PgConnection::connect(&self.owner_url()).await.expect("the test's database");
        let moved = sqlx::query("select move_lab_clock($1 * interval '1 day')").bind(days).execute(&mut conn).await;
        moved.expect("the clock moves");
    }

    /// Moves the lab's clock to when a job is due by it.
    ///
    /// # Panics
    /// When the database cannot be reached.
    pub async fn move_lab_clock_to(&self, job: uuid::Uuid) {
        let mut conn = PgConnection::connect(&self.owner_url()).await.expect("the test's database");
        let to_then = "select move_lab_clock(greatest(due_at - now(), '0')) from jobs where id = $1";
        sqlx::query(to_then).bind(job).execute(&mut conn).await.expect("the clock moves");
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (postgres, name) = (self.postgres.clone(), std::mem::take(&mut self.name));
        // Best effort and not waited for: at the latest the database goes with its cluster.
        thread::spawn(move || postgres.drop_database(&name));
    }
}

/// Migrates `database` as its owner, as an operator does.
pub async fn migrate(postgres: &Postgres, database: &str) -> Result<(), LabError> {
    let failed = |source| LabError::Connect { database: database.to_owned(), source };
    let mut connection = PgConnection::connect(&postgres.owner_url(database)).await.map_err(failed)?;
    MIGRATIONS.run(&mut connection).await?;
    connection.close().await.map_err(failed)
}

/// Begins with a drop: a test that was cancelled here has left half a template.
async fn prepare_template(postgres: &Postgres) -> Result<String, LabError> {
    let server = postgres.clone();
    off_the_runtime(move || {
        server.drop_database(TEMPLATE)?;
        server.create_database(TEMPLATE, None)
    })
    .await?;
    migrate(postgres, TEMPLATE).await?;
    let server = postgres.clone();
    off_the_runtime(move || server.seal_template(TEMPLATE)).await?;
    Ok(TEMPLATE.to_owned())
}
