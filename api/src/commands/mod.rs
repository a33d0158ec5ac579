//! What `makerlab-api` can be told on the command line.

mod migrate;
mod serve;
mod token;
mod user;

use clap::{Parser, Subcommand};
use makerlab_shared::settings::{DatabaseSettings, Environment};
use sqlx::{Connection, PgConnection};

use secrecy::ExposeSecret;

/// What history says of what was done here: whoever may run commands is known to nobody.
const BY_COMMAND: &str = "on the command line";

/// Records what people ask for. Settings come from the environment.
#[derive(Debug, Parser)]
#[command(name = "makerlab-api", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests (what happens without a command).
    Serve,
    /// Bring the database to the schema of this binary, as the owner of its tables.
    Migrate,
    /// People.
    #[command(subcommand)]
    User(user::UserCommand),
    /// API tokens.
    #[command(subcommand)]
    Token(token::TokenCommand),
}

impl Arguments {
    /// # Errors
    /// With a line that says what to do.
    pub async fn run(self, environment: &Environment) -> anyhow::Result<()> {
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(environment).await,
            Command::Migrate => migrate::run(environment).await,
            Command::User(command) => command.run(environment).await,
            Command::Token(command) => command.run(environment).await,
        }
    }
}

/// One connection for a command that a person runs.
async fn connect(environment: &Environment) -> anyhow::Result<PgConnection> {
    let settings = environment.read(DatabaseSettings::read)?;
    let connecting = PgConnection::connect(settings.url.expose_secret());
    let connected = tokio::time::timeout(settings.acquire_timeout.max(std::time::Duration::from_secs(5)), connecting);
    connected
        .await
        .map_err(|_| anyhow::anyhow!("the database at DATABASE_URL does not answer"))?
        .map_err(|error| anyhow::Error::new(error).context("could not connect to the database at DATABASE_URL"))
}
