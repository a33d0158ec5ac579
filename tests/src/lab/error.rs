//! What can keep a private server from running, worded for the person who has to do something about it.

use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum LabError {
    #[error(
        "missing packages: {missing}; install them with `{command}`, or allow it by leaving out --no-install (tests: unset MAKERLAB_NO_INSTALL)"
    )]
    Missing { missing: String, command: String },
    #[error("could not install {packages} with apt-get: {reason}\n{output}")]
    Install {
        packages: String,
        reason: String,
        output: String,
    },
    #[error(
        "no folder for private servers: user `postgres` may not enter {tried}; set MAKERLAB_LAB_DIR to one it may enter"
    )]
    NoFolder { tried: String },
    #[error("could not {doing} {path}")]
    File {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("could not run {program}")]
    Spawn {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("{program} failed: {output}")]
    Failed { program: String, output: String },
    #[error("{server} did not become ready: {reason}; the end of its log:\n{log}")]
    NotReady {
        server: &'static str,
        reason: String,
        log: String,
    },
    #[error("could not ask the broker's management for {request}")]
    Management {
        request: String,
        #[source]
        source: io::Error,
    },
    #[error("the broker's management answered {status} to {request}")]
    ManagementRefused { request: String, status: u16 },
    /// The first attempt of this process; every later one repeats its words.
    #[error("{0}")]
    Before(String),
    #[error("could not migrate the template database")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("could not connect to {database}")]
    Connect {
        database: String,
        #[source]
        source: sqlx::Error,
    },
}

impl LabError {
    /// The whole chain of causes in one line, for a panic message or the last line of a program.
    pub fn report(&self) -> String {
        let mut report = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            report.push_str(&format!(": {error}"));
            cause = error.source();
        }
        report
    }
}
