//! The binary: reads its arguments and settings, runs, and says on one line what went wrong.

use clap::Parser;
use makerlab_api::commands::Arguments;
use makerlab_shared::settings::Environment;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.run(&Environment::of_process()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("makerlab-api: {error:#}");
            ExitCode::FAILURE
        }
    }
}
