//! Serves the Snipe-IT simulator alone, for a look with curl or for a backend that runs elsewhere on this machine.

use std::time::Duration;

use chrono_tz::Tz;
use clap::{Parser, ValueEnum};
use makerlab_tests::simulator::{Seed, Simulator, SimulatorOptions, ThrottleRule};

#[derive(Debug, Parser)]
#[command(about = "A stand-in for Snipe-IT 8.1.4 on loopback; ends at Ctrl-C")]
struct Arguments {
    /// Port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Path under which the application lies, like /inventory
    #[arg(long, default_value = "")]
    base_path: String,
    /// Token of the administrator
    #[arg(long, default_value = "simulator-token")]
    token: String,
    /// Zone in which the server tells its dates
    #[arg(long, default_value = "Europe/Lisbon")]
    timezone: Tz,
    /// How many assets; without it the small lab of thirty
    #[arg(long)]
    assets: Option<usize>,
    /// Over how many models the assets are spread
    #[arg(long, default_value_t = 20)]
    models: usize,
    /// Whether calls are limited
    #[arg(long, value_enum, default_value = "on")]
    throttle: Switch,
    /// Calls per window and user
    #[arg(long, default_value_t = 120)]
    throttle_limit: u32,
    /// Length of the window in seconds
    #[arg(long, default_value_t = 60)]
    throttle_window: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Arguments {
    fn into_options(self) -> SimulatorOptions {
        let rule = ThrottleRule { limit: self.throttle_limit, window: Duration::from_secs(self.throttle_window) };
        SimulatorOptions {
            base_path: self.base_path,
            timezone: self.timezone,
            throttle: (self.throttle == Switch::On).then_some(rule),
            token: self.token,
            seed: self.assets.map_or_else(Seed::small_lab, |assets| Seed::sized(assets, self.models)),
            port: self.port,
            threads: 2,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let simulator = Simulator::start(Arguments::parse().into_options())?;
    println!("url    {}", simulator.url());
    println!("token  {}", simulator.token());
    println!("ledger {}/_sim/ledger", simulator.origin());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
