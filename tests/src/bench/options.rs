//! How the bench is asked for.

use std::time::Duration;

use clap::Parser;

use crate::lab::InstallPolicy;

/// Measures, on this machine and in one run, what the product accepts and what the database under it can do.
#[derive(Debug, Clone, Parser)]
#[command(name = "bench")]
pub struct Options {
    /// One line of JSON on standard output; how it goes is told on standard error in any case.
    #[arg(long)]
    pub json: bool,
    /// How long each measurement under load takes.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// How often acceptance and database are measured in turn; medians are told.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub runs: u8,
    /// Clients that submit at the same time.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub connections: u16,
    /// Refuse rather than install PostgreSQL or RabbitMQ.
    #[arg(long)]
    pub no_install: bool,
}

impl Options {
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    pub fn policy(&self) -> InstallPolicy {
        if self.no_install { InstallPolicy::NoInstall } else { InstallPolicy::from_env() }
    }
}
