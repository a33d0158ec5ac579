//! Private PostgreSQL and RabbitMQ for one command, or for as long as it is wanted:
//! `cargo services -- cargo sqlx prepare --workspace -- --all-targets`, `cargo services`.

use std::{
    os::unix::process::ExitStatusExt,
    process::{Command, ExitCode, ExitStatus},
};

use anyhow::Context;
use clap::Parser;
use makerlab_tests::lab::{
    InstallPolicy, LabError, LabFolder, Services, database::migrate, services::off_the_runtime,
};
use tokio::signal::unix::{SignalKind, signal};

const DATABASE: &str = "makerlab";

/// Runs a command with DATABASE_URL, AMQP_URL and RABBITMQ_MANAGEMENT_URL of private servers and a migrated database.
#[derive(Parser)]
struct Arguments {
    /// Refuse rather than install PostgreSQL or RabbitMQ.
    #[arg(long)]
    no_install: bool,
    /// Without a command the servers stay up until Ctrl-C.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("services: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let policy = match arguments.no_install {
        true => InstallPolicy::NoInstall,
        false => InstallPolicy::from_env(),
    };
    let folder = LabFolder::create()?;
    let services = start(&folder, policy).await?;
    match arguments.command.split_first() {
        Some((program, rest)) => run_command(program, rest, &services).await,
        None => stay_up(&folder, &services).await,
    }
}

async fn start(folder: &LabFolder, policy: InstallPolicy) -> Result<Services, LabError> {
    let services = Services::start(folder.clone(), policy).await?;
    let postgres = services.postgres.clone();
    off_the_runtime(move || postgres.create_database(DATABASE, None)).await?;
    migrate(&services.postgres, DATABASE).await?;
    Ok(services)
}

async fn run_command(
    program: &str,
    arguments: &[String],
    services: &Services,
) -> anyhow::Result<ExitCode> {
    let mut command = Command::new(program);
    command.args(arguments).envs(variables(services));
    // Cargo's settings say offline; whoever asked for a live database means it.
    command.env("SQLX_OFFLINE", "false");
    let status = off_the_runtime(move || command.status()).await;
    status
        .map(exit_code)
        .with_context(|| format!("could not run {program}"))
}

fn variables(services: &Services) -> [(&'static str, String); 3] {
    [
        ("DATABASE_URL", services.postgres.owner_url(DATABASE)),
        ("AMQP_URL", services.rabbitmq.amqp_url()),
        (
            "RABBITMQ_MANAGEMENT_URL",
            services.rabbitmq.management_url_with_credentials(),
        ),
    ]
}

/// As a shell would say it: 128 and the signal for a command that was killed.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

async fn stay_up(folder: &LabFolder, services: &Services) -> anyhow::Result<ExitCode> {
    for (name, value) in variables(services) {
        println!("{name}={value}");
    }
    println!("# in {}; ends with Ctrl-C", folder.path().display());
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    Ok(ExitCode::SUCCESS)
}
