//! `makerlab-worker jobs …`, `findings …` and `snipeit …`: what an operator does without the api. Plain tables, or JSON.
//! `mail preview` needs nothing at all.

mod findings;
mod jobs;
mod mail;
mod screen;
mod snipeit;
mod staff;
mod table;

use clap::Subcommand;
pub use mail::MailCommand;
use makerlab_shared::settings::Environment;
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
    print(&perform(command, pool).await?)
}

/// What people will get, printed.
pub fn run_mail(command: &MailCommand, environment: &Environment) -> anyhow::Result<()> {
    print(&perform_mail(command, environment)?)
}

/// What people will get.
pub fn perform_mail(command: &MailCommand, environment: &Environment) -> anyhow::Result<String> {
    mail::perform(command, environment)
}

fn print(printed: &str) -> anyhow::Result<()> {
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
