//! The bench of the catalogue: see `makerlab_tests::catalogue_bench`.

use clap::Parser;
use makerlab_shared::shutdown;
use makerlab_tests::catalogue_bench::{self, Options};
use std::process::ExitCode;

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
        measured = catalogue_bench::run(&options) => match measured {
            Ok(figures) => {
                println!("{}", serde_json::json!(figures));
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        },
        // Dropping the bench ends everything that it started.
        () = stopping.cancelled() => ExitCode::from(INTERRUPTED),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("catalogue_bench: {error:#}");
    ExitCode::FAILURE
}
