//! The campaign: see `makerlab_tests::picture`.

use std::process::ExitCode;

use clap::Parser;
use makerlab_tests::{
    command,
    picture::{self, Options},
};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let told = async {
        let mut is_good = true;
        for seed in (options.seed..).take(usize::try_from(options.seeds)?) {
            let report = picture::run(&options, seed).await?;
            match options.json {
                true => println!("{}", serde_json::json!(report)),
                false => print!("{report}"),
            }
            is_good &= report.is_good();
        }
        Ok(is_good)
    };
    command::run("picture", told).await
}
