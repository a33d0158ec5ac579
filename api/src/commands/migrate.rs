//! `makerlab-api migrate`.

use crate::database;
use anyhow::Context;
use makerlab_shared::settings::{DatabaseSettings, Environment};

pub(super) async fn run(environment: &Environment) -> anyhow::Result<()> {
    let settings = environment.read(DatabaseSettings::read)?;
    database::migrate(&settings).await.context("could not migrate the database at DATABASE_URL")?;
    println!("The database has the schema of this version.");
    Ok(())
}
