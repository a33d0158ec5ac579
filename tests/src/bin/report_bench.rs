//! The bench of reports: see `makerlab_tests::report_bench`.

use clap::Parser;
use makerlab_tests::{
    command,
    report_bench::{self, Options},
};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let measured = async {
        let figures = report_bench::run(&options).await?;
        println!("{}", serde_json::json!(figures));
        Ok(true)
    };
    command::run("report_bench", measured).await
}
