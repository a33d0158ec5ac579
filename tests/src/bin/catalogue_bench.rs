//! The bench of the catalogue: see `makerlab_tests::catalogue_bench`.

use clap::Parser;
use makerlab_tests::{
    catalogue_bench::{self, Options},
    command,
};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let measured = async {
        let figures = catalogue_bench::run(&options).await?;
        println!("{}", serde_json::json!(figures));
        Ok(true)
    };
    command::run("catalogue_bench", measured).await
}
