//! Lets a process die at every crash point, on every way on which it is met, at its first or second hit, and says what did
//! not heal.
//! `cargo run -p makerlab-tests --bin crash_points -- --hits second`

use std::{num::NonZeroU32, process::ExitCode};

use clap::{Parser, ValueEnum};
use makerlab_tests::{
    crash::{Case, enumerate},
    lab::shared,
};

#[derive(Debug, Parser)]
struct Arguments {
    /// Which passing of each point is the deadly one
    #[arg(long, value_enum, default_value = "first")]
    hits: Hits,
    /// Only cases whose name contains this, like `after_send` or `check-in`
    #[arg(long, default_value = "")]
    only: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hits {
    First,
    Second,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let hit = NonZeroU32::MIN.saturating_add(u32::from(arguments.hits == Hits::Second));
    let wanted = |case: &Case| case.to_string().contains(&arguments.only);
    let report = enumerate(Case::all(hit).into_iter().filter(wanted).collect(), shared().await).await?;
    println!("{report}");
    Ok(if report.failures().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
