//! PostgreSQL's own load driver: what the database can do when nothing stands before it.

use std::{fs, time::Duration};

use anyhow::Context;
use url::Url;

use super::script::{RUN, Script};
use crate::lab::{
    LabFolder, Postgres,
    process::{in_clean_environment, run},
    services::off_the_runtime,
};

/// How long, or how often.
#[derive(Debug, Clone, Copy)]
pub enum Amount {
    For(Duration),
    PerConnection(usize),
}

#[derive(Debug, Clone)]
pub struct Pgbench {
    postgres: Postgres,
    folder: LabFolder,
    /// As the role of the api.
    url: Url,
    script: Script,
}

impl Pgbench {
    pub fn new(postgres: &Postgres, folder: &LabFolder, database: &str, script: Script) -> anyhow::Result<Self> {
        let url = postgres.app_url(database).parse().context("the URL of a private database")?;
        Ok(Self { postgres: postgres.clone(), folder: folder.clone(), url, script })
    }

    /// Runs the script over and over; returns how often a second. Each run needs a number of its own.
    pub async fn run(&self, number: usize, connections: usize, amount: Amount) -> anyhow::Result<f64> {
        let this = self.clone();
        let printed = off_the_runtime(move || this.run_blocking(number, connections, amount)).await?;
        let rate = printed.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next());
        rate.and_then(|rate| rate.parse().ok()).with_context(|| format!("pgbench told no rate: {printed}"))
    }

    fn run_blocking(&self, number: usize, connections: usize, amount: Amount) -> anyhow::Result<String> {
        let script = self.folder.path().join("submit.pgbench");
        fs::write(&script, &self.script.text).context("could not write the script for pgbench")?;
        let mut pgbench = in_clean_environment(self.postgres.programs().join("pgbench"));
        pgbench
            .args(["--no-vacuum", "--protocol=prepared", "--define=n=0"])
            .arg(format!("--define={RUN}={number}"))
            .arg(format!("--client={connections}"))
            .arg(format!("--file={}", script.display()))
            .args(self.script.values.iter().map(|(name, value)| format!("--define={name}={value}")))
            .args(match amount {
                Amount::For(time) => format!("--time={}", time.as_secs().max(1)).into(),
                Amount::PerConnection(times) => Some(format!("--transactions={times}")),
            })
            .args(["--host", self.url.host_str().unwrap_or("127.0.0.1")])
            .args(["--username", self.url.username(), "--port"])
            .arg(self.url.port().unwrap_or(5432).to_string())
            .arg(self.url.path().trim_start_matches('/'))
            .env("PGPASSWORD", self.url.password().unwrap_or_default());
        Ok(run(&mut pgbench)?)
    }
}
