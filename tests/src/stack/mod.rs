//! The product as it runs in a lab: `makerlab-api` and `makerlab-worker` as processes of their own, against given
//! services. They end with us, however we end.

mod client;
mod in_lab;
mod people;
mod programs;
mod requests;
mod server;
mod surroundings;
mod until;

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use secrecy::SecretString;

pub use client::{Answer, Client, http_client};
pub use in_lab::LabStack;
pub use people::{NewPerson, Person};
pub use programs::Programs;
pub use requests::{
    LineDecision, LineSeen, LoanSeen, ModelSeen, NotificationSeen, OperationSeen, RequisitionSeen, UnitSeen, Wanted,
};
pub use server::{Server, Variables};
pub use surroundings::{Pace, Surroundings};
pub use until::until;

use crate::lab::{
    LabFolder,
    ports::free_port,
    process::{in_clean_environment, run},
    services::off_the_runtime,
};

/// A busy machine may take its time to start a process.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// Somebody may take a port between our look and the start.
const STARTS: usize = 3;

/// What to start, and with which wishes beside the services.
#[derive(Debug, Clone)]
pub struct StackOptions {
    pub folder: LabFolder,
    pub surroundings: Surroundings,
    /// Further variables for both binaries; they win over the others.
    pub variables: Variables,
    pub apis: usize,
    pub workers: usize,
}

impl StackOptions {
    /// One of each, at a quick pace.
    pub fn new(folder: LabFolder, surroundings: Surroundings) -> Self {
        Self { folder, surroundings, variables: Pace::QUICK.variables(), apis: 1, workers: 1 }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// An api or a worker, and where it can be reached.
#[derive(Debug)]
pub struct Running {
    pub server: Server,
    /// Of the listener for frontends; a worker has none.
    pub url: Option<String>,
    pub metrics_url: String,
    kind: Kind,
    /// What it was told beyond the others of its kind, its addresses among it.
    further: Variables,
}

/// One of the processes, by its place in `apis` or `workers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Process {
    Api(usize),
    Worker(usize),
}

/// Dropping it kills what runs.
#[derive(Debug)]
pub struct Stack {
    programs: Programs,
    options: StackOptions,
    pub apis: Vec<Running>,
    pub workers: Vec<Running>,
}

impl Stack {
    /// Migrates, then starts; returns when everything answers.
    pub async fn start(options: StackOptions) -> anyhow::Result<Self> {
        let programs = Programs::provide().await?;
        let mut stack = Self { programs, options, apis: Vec::new(), workers: Vec::new() };
        stack.migrate().await?;
        for _ in 0..stack.options.apis {
            stack.start_api().await?;
        }
        for _ in 0..stack.options.workers {
            stack.start_worker().await?;
        }
        Ok(stack)
    }

    /// # Panics
    /// Without an api; ask only a stack that has one.
    pub fn api_url(&self) -> &str {
        self.apis.first().and_then(|api| api.url.as_deref()).expect("an api was started")
    }

    /// The first api, seen without a token.
    pub fn anybody(&self) -> anyhow::Result<Client> {
        Client::new(self.api_url())
    }

    pub async fn start_api(&mut self) -> anyhow::Result<&mut Running> {
        self.start_api_with(&Variables::new()).await
    }

    /// With further variables, which win over all others.
    pub async fn start_api_with(&mut self, further: &Variables) -> anyhow::Result<&mut Running> {
        let api = self.started(Kind::Api, further).await?;
        self.apis.push(api);
        Ok(self.apis.last_mut().expect("one was pushed"))
    }

    pub async fn start_worker(&mut self) -> anyhow::Result<&mut Running> {
        let worker = self.started(Kind::Worker, &Variables::new()).await?;
        self.workers.push(worker);
        Ok(self.workers.last_mut().expect("one was pushed"))
    }

    /// For processes that are started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.options.variables.push((name.to_owned(), value.to_owned()));
    }

    /// A command of the worker's, as an operator types it. Returns what it prints.
    pub async fn worker_command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let variables = [self.options.surroundings.for_worker(), self.options.variables.clone()].concat();
        self.run(&self.programs.worker, &variables, arguments).await
    }

    /// A worker that nobody waits for: it may be meant to die before it answers. Its metrics are anywhere.
    pub fn spawn_worker(&self, further: &Variables) -> anyhow::Result<Server> {
        let anywhere = [("METRICS_LISTEN".to_owned(), "127.0.0.1:0".to_owned())];
        self.spawn(Kind::Worker, &[&anywhere, further.as_slice()].concat())
    }

    /// As the out-of-memory killer would; the worker is forgotten.
    pub fn kill_worker(&mut self) {
        drop(self.workers.pop());
    }

    pub fn kill_api(&mut self) {
        drop(self.apis.pop());
    }

    /// # Panics
    /// When no such process was ever started.
    pub fn process(&mut self, which: Process) -> &mut Running {
        let found = match which {
            Process::Api(place) => self.apis.get_mut(place),
            Process::Worker(place) => self.workers.get_mut(place),
        };
        found.unwrap_or_else(|| panic!("{which} was never started"))
    }

    /// As a supervisor does with one that has died: the same program, the same settings, the same addresses.
    pub async fn start_again(&mut self, which: Process) -> anyhow::Result<()> {
        let running = self.process(which);
        running.server.kill();
        let (kind, further, url) = (running.kind, running.further.clone(), running.alive_url().to_owned());
        let mut server = self.spawn(kind, &further)?;
        answers(&mut server, &url).await?;
        self.process(which).server = server;
        Ok(())
    }

    /// As a supervisor does: everybody is asked at once, and every one of them must end well.
    pub async fn stop_gracefully(mut self) -> anyhow::Result<()> {
        let mut all: Vec<_> = self.workers.drain(..).chain(self.apis.drain(..)).collect();
        for running in &all {
            running.server.ask_to_end()?;
        }
        for running in &mut all {
            let status = running.server.ended().await?;
            ensure!(status.success(), "asked to end, it ended with {status}: {}", running.server.last_words());
        }
        Ok(())
    }

    /// A command of the api's, as an operator types it. Returns what it prints.
    pub async fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let variables = [self.options.surroundings.for_api(), self.options.variables.clone()].concat();
        self.run(&self.programs.api, &variables, arguments).await
    }

    async fn migrate(&self) -> anyhow::Result<()> {
        self.run(&self.programs.api, &self.options.surroundings.for_migration(), &["migrate"]).await.map(drop)
    }

    async fn run(&self, program: &Path, variables: &Variables, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = in_clean_environment(program);
        command.args(arguments).envs(variables.iter().cloned()).current_dir("/").stdin(Stdio::null());
        Ok(off_the_runtime(move || run(&mut command)).await?)
    }

    async fn started(&self, kind: Kind, further: &Variables) -> anyhow::Result<Running> {
        let mut last = None;
        for _ in 0..STARTS {
            match self.try_start(kind, further).await {
                Ok(running) => return Ok(running),
                Err(error) if is_port_taken(&error) => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(last.expect("at least one start was tried"))
    }

    async fn try_start(&self, kind: Kind, further: &Variables) -> anyhow::Result<Running> {
        let metrics = format!("127.0.0.1:{}", free_port());
        let metrics_url = format!("http://{metrics}");
        let mut variables = further.clone();
        variables.push(("METRICS_LISTEN".to_owned(), metrics));
        let url = (kind == Kind::Api).then(|| format!("127.0.0.1:{}", free_port())).map(|address| {
            variables.push(("API_LISTEN".to_owned(), address.clone()));
            format!("http://{address}")
        });
        let mut server = self.spawn(kind, &variables)?;
        answers(&mut server, url.as_deref().unwrap_or(&metrics_url)).await?;
        Ok(Running { server, url, metrics_url, kind, further: variables })
    }

    fn spawn(&self, kind: Kind, further: &Variables) -> anyhow::Result<Server> {
        let mut variables = [kind.variables(&self.options.surroundings), self.options.variables.clone()].concat();
        if let Some(known) = self.apis.first().and_then(|api| api.url.as_deref()) {
            variables.push(("PUBLIC_URL".to_owned(), known.to_owned()));
        }
        variables.extend_from_slice(further);
        let (name, program, arguments) = kind.command(&self.programs);
        Server::spawn(name, program, arguments, &variables, &self.options.folder)
    }
}

async fn answers(server: &mut Server, url: &str) -> anyhow::Result<()> {
    let alive = Client::new(url)?;
    server.ready(START_PATIENCE, async || alive.is_well("/livez").await).await
}

impl Running {
    fn alive_url(&self) -> &str {
        self.url.as_deref().unwrap_or(&self.metrics_url)
    }
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Api(place) => write!(f, "api {}", place + 1),
            Self::Worker(place) => write!(f, "worker {}", place + 1),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Api,
    Worker,
}

impl Kind {
    fn command(self, programs: &Programs) -> (&'static str, &Path, &'static [&'static str]) {
        match self {
            Self::Api => ("api", &programs.api, &["serve"]),
            Self::Worker => ("worker", &programs.worker, &[]),
        }
    }

    fn variables(self, surroundings: &Surroundings) -> Variables {
        match self {
            Self::Api => surroundings.for_api(),
            Self::Worker => surroundings.for_worker(),
        }
    }
}

fn is_port_taken(error: &anyhow::Error) -> bool {
    let words = format!("{error:#}");
    words.contains("Address already in use") || words.contains("cannot listen on")
}

/// The one word that looks like a token in what a command printed.
fn token_in(printed: &str) -> anyhow::Result<SecretString> {
    let word = printed.split_whitespace().find(|word| word.starts_with("mlr_") && word.len() > 40);
    word.map(SecretString::from).context("the command printed no token")
}
