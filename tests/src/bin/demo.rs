//! `cargo demo`: see `makerlab_tests::demo`.

use std::process::ExitCode;

use clap::Parser;
use makerlab_shared::shutdown;
use makerlab_tests::demo::{self, Options};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match shutdown::on_signal() {
        Ok(stopping) => demo::run(options, stopping).await,
        Err(error) => Err(error.into()),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("demo: {error:#}");
        ExitCode::FAILURE
    })
}
