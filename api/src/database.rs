//! The pool, and the migrations that travel inside the binary.

use makerlab_shared::settings::DatabaseSettings;
use secrecy::ExposeSecret;
use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// A connection that was used this lately is taken to be alive; asking would cost a round trip on every request.
const FRESH: Duration = Duration::from_secs(1);

/// Shorter than the longest request, so that a client hears why and the statement does not run on without it.
const STATEMENT_TIMEOUT: &str = "8s";
const LOCK_TIMEOUT: &str = "5s";

/// A pool that connects when it is first used: the api starts, and says so, while the database is away.
///
/// # Errors
/// When the URL cannot be read.
pub fn connect(settings: &DatabaseSettings) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(settings.url.expose_secret())?
        .options([("statement_timeout", STATEMENT_TIMEOUT), ("lock_timeout", LOCK_TIMEOUT)]);
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
