//! `makerlab-worker`: carries jobs out until told to stop; `jobs`, `findings` and `snipeit` for whoever operates it.

use clap::Parser;
use makerlab_shared::{
    crash,
    relay::Waker,
    settings::{DatabaseSettings, Environment, WrongSettings},
    shutdown,
    store::pool,
    telemetry,
};
use makerlab_worker::{
    cli::{self, Command, ImportOptions, MailCommand, SnipeitCommand},
    metrics, serve,
    settings::WorkerSettings,
};
use sqlx::PgPool;
use std::{process::ExitCode, time::Duration};

/// Carries out the lab's jobs: Snipe-IT, e-mail, timers. Settings come from the environment; see the README.
#[derive(Debug, Parser)]
#[command(name = "makerlab-worker", version)]
struct Arguments {
    /// Left out: run.
    #[command(subcommand)]
    command: Option<WorkerCommand>,
}

#[derive(Debug, clap::Subcommand)]
enum WorkerCommand {
    /// Carries jobs out until told to stop.
    Run,
    /// The letters that people get.
    #[command(subcommand)]
    Mail(MailCommand),
    /// The Snipe-IT that this worker talks to.
    #[command(subcommand)]
    Snipeit(SnipeitCommand),
    /// Takes over what Snipe-IT had lent before: it becomes loans in a project of its own. Tells only, unless --apply is given.
    Import(ImportOptions),
    #[command(flatten)]
    Operate(Command),
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        None | Some(WorkerCommand::Run) => run().await?,
        Some(WorkerCommand::Mail(command)) => cli::run_mail(&command, &Environment::of_process())?,
        Some(WorkerCommand::Snipeit(SnipeitCommand::Check(options))) => {
            let is_fine = cli::run_check(&options, &Environment::of_process()).await?;
            return Ok(if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Some(WorkerCommand::Snipeit(SnipeitCommand::Rebind(rebind))) => cli::run_rebind(rebind, &open().await?).await?,
        Some(WorkerCommand::Import(options)) => import(&options).await?,
        Some(WorkerCommand::Operate(command)) => cli::run(command, &open().await?).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn run() -> anyhow::Result<()> {
    let settings = or_exit(WorkerSettings::load(&Environment::of_process()));
    let guard = telemetry::init(&settings.telemetry)?;
    crash::arm(settings.crash);
    let stop = shutdown::on_signal()?;
    let listener = metrics::bind(settings.metrics_listen).await?;
    let served = serve::serve(settings, listener, stop).await;
    guard.close().await;
    served
}

/// With everything that a worker is told, since it calls Snipe-IT as one.
async fn import(options: &ImportOptions) -> anyhow::Result<()> {
    let settings = or_exit(WorkerSettings::load(&Environment::of_process()));
    let pool = pool::open(&settings.database).await?;
    cli::run_import(options, &serve::context(&settings, pool, Waker::default())?).await
}

/// The database and nothing else, so that commands work when everything else is down.
async fn open() -> anyhow::Result<PgPool> {
    let database = or_exit(Environment::of_process().read(DatabaseSettings::read));
    // A person who types a command waits longer for a busy database than a request may.
    let database =
        DatabaseSettings { acquire_timeout: database.acquire_timeout.max(Duration::from_secs(5)), ..database };
    Ok(pool::open(&database).await?)
}

fn or_exit<T>(settings: Result<T, WrongSettings>) -> T {
    settings.unwrap_or_else(|wrong| {
        eprintln!("{wrong}");
        std::process::exit(2);
    })
}
