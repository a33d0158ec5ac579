//! `makerlab-worker jobs …`, `findings …` and `snipeit …`: what an operator does without the api. Plain tables, or JSON.

mod findings;
mod jobs;
mod screen;
mod snipeit;
mod staff;
mod table;

use clap::Subcommand;
use sqlx::PgPool;
use std::io::{self, Write};

#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// What is to be done, what waits, and what was set aside.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// What needs a person.
    #[command(subcommand)]
    Findings(findings::FindingsCommand),
    /// The inventory that this database belongs to.
    #[command(subcommand)]
    Snipeit(snipeit::SnipeitCommand),
}

/// Carries a command out and prints to the standard output.
pub async fn run(command: Command, pool: &PgPool) -> anyhow::Result<()> {
    let printed = perform(command, pool).await?;
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", printed.trim_end()) {
        // `… | head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Carries a command out and returns what is to be printed.
pub async fn perform(command: Command, pool: &PgPool) -> anyhow::Result<String> {
    match command {
        Command::Jobs(command) => jobs::perform(command, pool).await,
        Command::Findings(command) => findings::perform(command, pool).await,
        Command::Snipeit(command) => snipeit::perform(command, pool).await,
    }
}
