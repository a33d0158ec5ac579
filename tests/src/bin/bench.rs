//! The bench: see `makerlab_tests::bench`.

use std::process::ExitCode;

use clap::Parser;
use makerlab_tests::{
    bench::{self, Options},
    command,
};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let measured = async {
        let report = bench::run(&options).await?.rounded();
        match options.json {
            true => println!("{}", serde_json::json!(report)),
            false => print!("{report}"),
        }
        Ok(true)
    };
    command::run("bench", measured).await
}
