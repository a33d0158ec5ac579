//! The bench: see `makerlab_tests::bench`.

use std::process::ExitCode;

use clap::Parser;
use makerlab_shared::shutdown;
use makerlab_tests::bench::{self, Options};

/// As a shell says it of a program that ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let stopping = match shutdown::on_signal() {
        Ok(stopping) => stopping,
        Err(error) => return failed(&error.into()),
    };
    tokio::select! {
        measured = bench::run(&options) => match measured {
            Ok(report) => show(&options, report.rounded()),
            Err(error) => failed(&error),
        },
        // Dropping the bench ends everything that it started.
        () = stopping.cancelled() => ExitCode::from(INTERRUPTED),
    }
}

fn show(options: &Options, report: bench::Report) -> ExitCode {
    match options.json {
        true => println!("{}", serde_json::json!(report)),
        false => print!("{report}"),
    }
    ExitCode::SUCCESS
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("bench: {error:#}");
    ExitCode::FAILURE
}
