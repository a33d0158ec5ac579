//! One running binary: in a session and a folder of its own, its words in a file, gone when we are gone.
//!
//! It works in a subfolder of the lab, so the lab's guard ends it even if we are killed.

use std::{
    path::{Path, PathBuf},
    process::{Child, ExitStatus},
    time::Duration,
};

use anyhow::{Context, bail};

use super::until::until;
use crate::lab::{
    LabFolder,
    process::{has_ended, in_own_session, signal, spawn_logging, tail},
};

/// Longer than a call to Snipe-IT may take, with room for a busy machine.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

pub type Variables = Vec<(String, String)>;

/// Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    pub fn spawn(
        name: &'static str,
        program: &Path,
        arguments: &[&str],
        variables: &Variables,
        folder: &LabFolder,
    ) -> anyhow::Result<Self> {
        let home = folder.subfolder(name, None)?;
        let log = home.join("log");
        let mut command = in_own_session(program);
        command.args(arguments).envs(variables.iter().cloned()).current_dir(&home);
        Ok(Self { name, child: spawn_logging(&mut command, &log)?, log })
    }

    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The end of what it has said, for an error.
    pub fn last_words(&self) -> String {
        tail(&self.log)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn has_ended(&mut self) -> bool {
        has_ended(&mut self.child)
    }

    /// As the out-of-memory killer would.
    pub fn kill(&mut self) {
        // Fails only for a process that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Stops it in its tracks, as a paused virtual machine would.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal("STOP")
    }

    pub fn thaw(&self) -> anyhow::Result<()> {
        self.signal("CONT")
    }

    /// Asks it to end, as a supervisor does, without waiting.
    pub fn ask_to_end(&self) -> anyhow::Result<()> {
        self.signal("TERM")
    }

    pub async fn stop_gracefully(&mut self) -> anyhow::Result<ExitStatus> {
        if !self.has_ended() {
            self.ask_to_end()?;
        }
        self.ended().await
    }

    /// How it ended, once it has.
    pub async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        let what = format!("{} ends", self.name);
        let ended = until(&what, STOP_PATIENCE, async || self.child.try_wait().ok().flatten()).await;
        ended.with_context(|| format!("the end of its log:\n{}", tail(&self.log)))
    }

    /// Fails at once when it ends instead.
    pub async fn ready(&mut self, patience: Duration, is_ready: impl AsyncFn() -> bool) -> anyhow::Result<()> {
        let what = format!("{} answers", self.name);
        let came_up = until(&what, patience, async || match has_ended(&mut self.child) {
            true => Some(false),
            false => is_ready().await.then_some(true),
        });
        match came_up.await {
            Ok(true) => Ok(()),
            Ok(false) => bail!("{} did not start; the end of its log:\n{}", self.name, self.last_words()),
            Err(error) => Err(error.context(self.last_words())),
        }
    }

    fn signal(&self, name: &str) -> anyhow::Result<()> {
        signal(&self.child, name).with_context(|| format!("could not send {name} to {}", self.name))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
