//! How a program of the lab in a box runs: until it is done, or until it is told to stop.

use std::process::ExitCode;

use makerlab_shared::shutdown;

/// As a shell says it of a program that ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Runs `work`, which says whether all was well. Dropping it, on Ctrl-C or SIGTERM, ends everything that it started.
pub async fn run(name: &str, work: impl Future<Output = anyhow::Result<bool>>) -> ExitCode {
    let stopping = match shutdown::on_signal() {
        Ok(stopping) => stopping,
        Err(error) => return failed(name, &error.into()),
    };
    tokio::select! {
        worked = work => match worked {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => failed(name, &error),
        },
        () = stopping.cancelled() => ExitCode::from(INTERRUPTED),
    }
}

fn failed(name: &str, error: &anyhow::Error) -> ExitCode {
    eprintln!("{name}: {error:#}");
    ExitCode::FAILURE
}
