//! `makerlab-worker jobs …`, `findings …` and `snipeit …`: what an operator does without the api. Plain tables, or JSON.
//! `mail preview` needs nothing at all, `snipeit check` only what it checks.

mod check;
mod findings;
mod import;
mod jobs;
mod mail;
mod screen;
mod snipeit;
mod staff;
mod table;

use crate::{check::Report, context::Context};
pub use check::CheckOptions;
use clap::Subcommand;
pub use import::ImportOptions;
pub use mail::MailCommand;
use makerlab_shared::settings::Environment;
pub use snipeit::{Rebind, SnipeitCommand};
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

/// Whether Snipe-IT and what is set of it here are right, printed. `false`: something is wrong.
///
/// # Errors
/// If it cannot be printed.
pub async fn run_check(options: &CheckOptions, environment: &Environment) -> anyhow::Result<bool> {
    let report = crate::check::check(environment).await;
    print(&show_check(&report, options)?)?;
    Ok(report.is_fine())
}

/// The screen of a check, or its JSON.
pub fn show_check(report: &Report, options: &CheckOptions) -> anyhow::Result<String> {
    check::show(report, options)
}

/// What Snipe-IT had lent before, taken over or only told, printed.
pub async fn run_import(options: &ImportOptions, context: &Context) -> anyhow::Result<()> {
    print(&perform_import(options, context).await?)
}

/// What Snipe-IT had lent before, taken over or only told.
pub async fn perform_import(options: &ImportOptions, context: &Context) -> anyhow::Result<String> {
    import::perform(options, context).await
}

/// Takes the Snipe-IT that answers now for the right one.
pub async fn run_rebind(rebind: Rebind, pool: &PgPool) -> anyhow::Result<()> {
    print(&snipeit::rebind(rebind, pool).await?)
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
    }
}
