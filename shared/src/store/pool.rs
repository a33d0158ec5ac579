//! Opening the pool: short waits, so that a database that is away shows at once.

use crate::settings::DatabaseSettings;
use secrecy::ExposeSecret;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::str::FromStr;

/// A statement or a wait for a lock that takes longer than this is given up: nothing here is meant to take a second.
const STATEMENT_TIMEOUT: &str = "15s";
const LOCK_TIMEOUT: &str = "10s";
/// Every statement here reads few rows. Where PostgreSQL expects many, as in tables without statistics yet, compiling
/// would take longer than running, each time, and a crowd would wait for that.
pub const JIT: &str = "off";

/// Opens a pool lazily: a database that is away when we start is no reason not to start.
///
/// # Errors
/// When the URL cannot be understood.
pub async fn open(settings: &DatabaseSettings) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(settings.url.expose_secret())?.options([
        ("statement_timeout", STATEMENT_TIMEOUT),
        ("lock_timeout", LOCK_TIMEOUT),
        ("jit", JIT),
    ]);
    Ok(PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .connect_lazy_with(options))
}
