//! The pool as requests use it, and the migrations that travel inside the binary.

use makerlab_shared::{settings::DatabaseSettings, store::pool::JIT};
use secrecy::ExposeSecret;
use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Transaction,
    migrate::{MigrateError, Migrator},
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// A connection that was used this lately is taken to be alive; asking would cost a round trip on every request.
const FRESH: Duration = Duration::from_secs(1);

/// Shorter than the longest request, so that a client hears why and the statement does not run on without it.
const STATEMENT_TIMEOUT: &str = "8s";
const LOCK_TIMEOUT: &str = "5s";

/// A pool that tells a crowd from an outage: while others are served, a request waits for its turn as long as it may
/// take at all; from a database that is away it hears so after the pool's short wait.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
    served_at: Arc<Mutex<Option<Instant>>>,
}

impl From<PgPool> for Database {
    fn from(pool: PgPool) -> Self {
        Self { pool, served_at: Arc::default() }
    }
}

impl Database {
    /// # Errors
    /// When the database is away.
    pub async fn acquire(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        loop {
            let asked = self.pool.acquire().await;
            if !self.is_crowded(&asked) {
                return asked;
            }
        }
    }

    /// # Errors
    /// When the database is away.
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        loop {
            let asked = self.pool.begin().await;
            if !self.is_crowded(&asked) {
                return asked;
            }
        }
    }

    fn is_crowded<T>(&self, asked: &Result<T, sqlx::Error>) -> bool {
        let mut served_at = self.served_at.lock().unwrap_or_else(PoisonError::into_inner);
        match asked {
            Ok(_) => {
                *served_at = Some(Instant::now());
                false
            }
            Err(sqlx::Error::PoolTimedOut) => {
                let patience = self.pool.options().get_acquire_timeout();
                served_at.is_some_and(|at| at.elapsed() < patience)
            }
            Err(_) => false,
        }
    }
}

/// A pool that connects when it is first used: the api starts, and says so, while the database is away.
///
/// # Errors
/// When the URL cannot be read.
pub fn connect(settings: &DatabaseSettings) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(settings.url.expose_secret())?.options([
        ("statement_timeout", STATEMENT_TIMEOUT),
        ("lock_timeout", LOCK_TIMEOUT),
        ("jit", JIT),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for < FRESH {
                    return Ok(true);
                }
                Ok(connection.ping().await.is_ok())
            })
        })
        .connect_lazy_with(options);
    Ok(pool)
}

/// Brings the database to the schema of this binary, as its owner.
///
/// # Errors
/// When a migration fails or the database is newer than this binary.
pub async fn migrate(settings: &DatabaseSettings) -> Result<(), MigrateError> {
    let mut connection = PgConnection::connect(settings.url.expose_secret()).await?;
    MIGRATIONS.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}
