//! How the campaign is asked for.

use clap::Parser;

/// People change everything at Snipe-IT's screen while workers sync, sweep and die; when the dust has settled, our picture
/// of it is compared with what it holds.
#[derive(Debug, Clone, Parser)]
#[command(name = "picture")]
pub struct Options {
    /// Of everything that is drawn; further campaigns take the seeds behind it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Campaigns, one after the other.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub seeds: u64,
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(50..=100_000))]
    pub assets: u32,
    /// Each is some changes, some jobs and perhaps a death.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rounds: u32,
    /// Snipe-IT's `MAX_RESULTS`: small pages have many borders.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(5..=500))]
    pub page: u32,
    /// Now and then Snipe-IT's clock is minutes ahead, and right again.
    #[arg(long)]
    pub jumps: bool,
    /// One line of JSON for each campaign on standard output.
    #[arg(long)]
    pub json: bool,
}
