//! The storm: see `makerlab_tests::storm`.

use std::process::ExitCode;

use clap::Parser;
use makerlab_shared::shutdown;
use makerlab_tests::storm::{self, Options, Plan, scenario};

/// As a shell says it of a program that ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(entries) = options.plan {
        Plan::new(options.seed, storm::APIS, storm::WORKERS).take(entries).for_each(|entry| println!("{entry}"));
        return ExitCode::SUCCESS;
    }
    let stopping = match shutdown::on_signal() {
        Ok(stopping) => stopping,
        Err(error) => return failed(&error.into()),
    };
    let told = async {
        match options.scenario {
            Some(scenario) => scenario::run(scenario, &options).await,
            None => storm::run(&options).await.map(|report| {
                match options.json {
                    true => println!("{}", serde_json::json!(report)),
                    false => print!("{report}"),
                }
                report.is_good()
            }),
        }
    };
    tokio::select! {
        good = told => match good {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => failed(&error),
        },
        // Dropping the storm ends everything that it started.
        () = stopping.cancelled() => ExitCode::from(INTERRUPTED),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("storm: {error:#}");
    ExitCode::FAILURE
}
