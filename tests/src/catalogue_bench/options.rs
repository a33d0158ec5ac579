//! How the bench of the catalogue is asked for.

use clap::Parser;

/// Measures what keeping up with a large Snipe-IT costs, and tells it as one line of JSON.
#[derive(Debug, Clone, Parser)]
#[command(name = "catalogue_bench")]
pub struct Options {
    /// Assets in the simulator.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=200_000))]
    pub assets: u32,
    /// Models that they are spread over.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub models: u32,
    /// How often each thing is measured; medians are told.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub runs: u8,
    /// Availability queries in all.
    #[arg(long, default_value_t = 4_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    pub queries: u32,
}
