//! `makerlab-worker`: carries jobs out until told to stop; `jobs` and `findings` for whoever operates it.

use clap::Parser;
use makerlab_shared::{
    crash,
    settings::{DatabaseSettings, Environment, WrongSettings},
    shutdown,
    store::pool,
    telemetry,
};
use makerlab_worker::{
    cli::{self, Command, MailCommand},
    metrics, serve,
    settings::WorkerSettings,
};
use std::time::Duration;

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
    #[command(flatten)]
    Operate(Command),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        None | Some(WorkerCommand::Run) => run().await,
        Some(WorkerCommand::Mail(command)) => cli::run_mail(&command, &Environment::of_process()),
        Some(WorkerCommand::Operate(command)) => operate(command).await,
    }
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

/// Needs the database and nothing else, so that it works when everything else is down.
async fn operate(command: Command) -> anyhow::Result<()> {
    let database = or_exit(Environment::of_process().read(DatabaseSettings::read));
    // A person who types a command waits longer for a busy database than a request may.
    let database =
        DatabaseSettings { acquire_timeout: database.acquire_timeout.max(Duration::from_secs(5)), ..database };
    cli::run(command, &pool::open(&database).await?).await
}

fn or_exit<T>(settings: Result<T, WrongSettings>) -> T {
    settings.unwrap_or_else(|wrong| {
        eprintln!("{wrong}");
        std::process::exit(2);
    })
}
