//! Our mark on a given database: what is neither empty nor marked is somebody's, and is not touched.

use anyhow::{Context, Result, bail};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};

const MARK: &str = "makerlab_demo";

/// Leaves the database empty but for the mark.
///
/// # Errors
/// When it holds anything that no demo has put there.
pub async fn claim(url: &SecretString) -> Result<()> {
    let mut connection = PgConnection::connect(url.expose_secret()).await.context("DATABASE_URL cannot be used")?;
    if is_marked(&mut connection).await? {
        empty(&mut connection).await?;
    } else if is_empty(&mut connection).await? {
        sqlx::query("create schema makerlab_demo").execute(&mut connection).await?;
    } else {
        bail!("DATABASE_URL names a database that is neither empty nor the demo's: give it one of its own");
    }
    Ok(connection.close().await?)
}

async fn is_marked(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from pg_namespace where nspname = $1)")
        .bind(MARK)
        .fetch_one(connection)
        .await
}

async fn is_empty(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let of_the_server = "select not exists (
         select from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname !~ '^pg_' and n.nspname <> 'information_schema')";
    sqlx::query_scalar(of_the_server).fetch_one(connection).await
}

async fn empty(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("drop schema public cascade").execute(&mut *connection).await?;
    sqlx::query("create schema public").execute(&mut *connection).await?;
    Ok(())
}
