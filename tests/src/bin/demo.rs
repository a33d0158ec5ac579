//! `cargo demo`: see `makerlab_tests::demo`.

use std::process::ExitCode;

use clap::Parser;
use makerlab_shared::shutdown;
use makerlab_tests::demo::{self, Options};

/// As a shell says it of a program that ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let stopping = match shutdown::on_signal() {
        Ok(stopping) => stopping,
        Err(error) => return failed(&error.into()),
    };
    let options = Options::parse();
    let stays_up = options.stays_up();
    tokio::select! {
        ended = demo::run(options) => ended.unwrap_or_else(|error| failed(&error)),
        // Dropping the demo ends everything that it started.
        () = stopping.cancelled() => if stays_up { ExitCode::SUCCESS } else { ExitCode::from(INTERRUPTED) },
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("demo: {error:#}");
    ExitCode::FAILURE
}
