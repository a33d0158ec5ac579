//! How the storm is asked for.

use std::time::Duration;

use clap::Parser;

use super::scenario::Scenario;
use crate::lab::InstallPolicy;

/// Everything that can break breaks, by a plan that the seed decides, while borrowers borrow; then everything that
/// anybody was told is compared with what really happened.
#[derive(Debug, Clone, Parser)]
#[command(name = "storm")]
pub struct Options {
    /// Check-outs and check-ins that take effect, at least.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub operations: u32,
    /// Of the plan, the weather and the wishes.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Longest time for the wishes; what was not asked for by then is missing from the operations, and that fails.
    #[arg(long, default_value_t = 55, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub minutes: u64,
    /// One line of JSON on standard output; how it goes is told on standard error in any case.
    #[arg(long)]
    pub json: bool,
    /// One fault, or `all` one after the other, instead of the storm.
    #[arg(long)]
    pub scenario: Option<Scenario>,
    /// Print the first so many entries of the seed's plan, and do nothing.
    #[arg(long, value_name = "ENTRIES")]
    pub plan: Option<usize>,
    /// Refuse rather than install PostgreSQL or RabbitMQ.
    #[arg(long)]
    pub no_install: bool,
}

impl Options {
    /// A loan is a check-out and a check-in.
    pub fn loans(&self) -> usize {
        usize::try_from(self.operations).unwrap_or(usize::MAX).div_ceil(2)
    }

    pub fn longest(&self) -> Duration {
        Duration::from_secs(self.minutes * 60)
    }

    pub fn policy(&self) -> InstallPolicy {
        if self.no_install { InstallPolicy::NoInstall } else { InstallPolicy::from_env() }
    }
}
