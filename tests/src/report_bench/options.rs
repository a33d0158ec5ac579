//! How the bench of reports is asked for.

use clap::Parser;

/// Measures how long reports take over a database full of loans, and tells it as one line of JSON.
#[derive(Debug, Clone, Parser)]
#[command(name = "report_bench")]
pub struct Options {
    /// Loans in the database, over five years.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(20_000..=5_000_000))]
    pub loans: u32,
    /// How often each report is read; medians are told.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub runs: u8,
}
