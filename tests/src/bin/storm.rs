//! The storm: see `makerlab_tests::storm`.

use std::process::ExitCode;

use clap::Parser;
use makerlab_tests::{
    command,
    storm::{self, Options, Plan, scenario},
};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(entries) = options.plan {
        Plan::new(options.seed, storm::APIS, storm::WORKERS).take(entries).for_each(|entry| println!("{entry}"));
        return ExitCode::SUCCESS;
    }
    let told = async {
        match options.scenario {
            Some(scenario) => scenario::run(scenario, &options).await,
            None => {
                let report = storm::run(&options).await?;
                match options.json {
                    true => println!("{}", serde_json::json!(report)),
                    false => print!("{report}"),
                }
                Ok(report.is_good())
            }
        }
    };
    command::run("storm", told).await
}
