//! Listens in on two submits, through the log of a private PostgreSQL.
//!
//! The api that is listened to has no broker: its relay claims nothing then, so that what is logged is the submit's.

use std::{fs, path::PathBuf};

use anyhow::{Context, bail, ensure};

use super::{
    load::Submission,
    script::{Script, Submit},
    statements,
};
use crate::{
    lab::{LabFolder, Postgres, services::off_the_runtime},
    stack::{Stack, StackOptions, Surroundings},
};

/// Nobody listens there.
const NO_BROKER: &str = "amqp://nobody:nothing@127.0.0.1:1/%2f";

/// Submits that are listened to before two in a row must have been alike.
const TRIES: usize = 10;

/// An api without a broker on a database that logs every statement.
pub struct Wiretap {
    log: PathBuf,
    pub stack: Stack,
}

impl Wiretap {
    pub async fn start(
        postgres: &Postgres,
        folder: &LabFolder,
        database: &str,
        surroundings: &Surroundings,
    ) -> anyhow::Result<Self> {
        // Holds for connections that are opened from now on, in this database alone: those of the api started next.
        let setting = format!("alter database \"{database}\" set log_statement = 'all';");
        let server = postgres.clone();
        off_the_runtime(move || server.administer(&setting)).await?;
        let surroundings = Surroundings { amqp_url: NO_BROKER.into(), ..surroundings.clone() };
        let options = StackOptions { workers: 0, ..StackOptions::new(folder.clone(), surroundings) };
        Ok(Self { log: postgres.log(), stack: Stack::start(options).await? })
    }

    /// The script of this submit, which must be to the api of this stack.
    pub async fn script(&self, submission: &Submission) -> anyhow::Result<Script> {
        // Beside a submit the api now and then does something else, like noting that a token was used. What two submits
        // in a row have sent alike is the submit's.
        let mut one = self.listen_to(submission).await?;
        for _ in 0..TRIES {
            let other = self.listen_to(submission).await?;
            if one.is_like(&other) {
                return Script::from_submits(&one, &other);
            }
            one = other;
        }
        bail!("no two submits in a row sent the same statements")
    }

    /// The log has a statement before it is executed, so all of them before the answer.
    async fn listen_to(&self, submission: &Submission) -> anyhow::Result<Submit> {
        let before = self.read_log()?.len();
        let key = format!("wiretap-{}", uuid::Uuid::now_v7());
        submission.send(&key).await?;
        let log = self.read_log()?;
        let statements = statements::read(&log[before..]);
        ensure!(!statements.is_empty(), "PostgreSQL logged no statement of a submit");
        Ok(Submit { key, statements })
    }

    fn read_log(&self) -> anyhow::Result<String> {
        fs::read_to_string(&self.log).context("could not read PostgreSQL's log")
    }
}
