//! A private PostgreSQL cluster: loopback only, scram with random passwords, no socket file.
//! Administered through `psql`, so that it belongs to no async runtime and can be used from `Drop`.

mod cluster;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use super::{
    LabError, LabFolder,
    packages::Packages,
    process::{end, in_clean_environment, is_root, spawn, succeeded},
    random_word,
};
use cluster::{STOP_PATIENCE, initialise, start_on_a_free_port, start_server};

const OWNER: &str = "makerlab_owner";
const APP: &str = "makerlab";
const ADMIN: &str = "postgres";

/// A handle; the cluster ends with its last clone.
#[derive(Clone, Debug)]
pub struct Postgres(Arc<Cluster>);

#[derive(Debug)]
struct Cluster {
    programs: PathBuf,
    home: PathBuf,
    port: u16,
    passwords: Passwords,
    server: Mutex<Option<Child>>,
    template: OnceCell<String>,
    _folder: LabFolder,
}

#[derive(Debug)]
struct Passwords {
    admin: SecretString,
    owner: SecretString,
    app: SecretString,
}

impl Postgres {
    /// Creates a cluster in `folder` and starts it. Blocking, about a second.
    pub fn start(packages: &Packages, folder: &LabFolder) -> Result<Self, LabError> {
        let programs = packages.postgres.clone();
        let passwords = Passwords::draw();
        let home = folder.subfolder("postgres", is_root().then_some(ADMIN))?;
        initialise(&programs, &home, &passwords.admin)?;
        let (port, server) = start_on_a_free_port(&programs, &home)?;
        let postgres = Self(Arc::new(Cluster {
            programs,
            home,
            port,
            passwords,
            server: Mutex::new(Some(server)),
            template: OnceCell::new(),
            _folder: folder.clone(),
        }));
        postgres.create_roles()?;
        Ok(postgres)
    }

    /// What is committed outlives the server's death from now on, and the machine's no longer.
    pub fn survive_processes_only(&self) -> Result<(), LabError> {
        self.administer(
            "alter system set fsync = off; alter system set max_wal_size = '256MB'; select pg_reload_conf();",
        )
    }

    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Where `pgbench` and `psql` lie.
    pub fn programs(&self) -> &Path {
        &self.0.programs
    }

    /// A file beside the data, gone with the cluster.
    pub fn home_file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.home.join(name);
        std::fs::write(&path, text).expect("the cluster's folder can be written");
        path
    }

    /// Where the server writes what it has to say.
    pub fn log(&self) -> PathBuf {
        self.0.home.join("log")
    }

    /// Owns the database and its tables; for migrations.
    pub fn owner_url(&self, database: &str) -> String {
        self.url(OWNER, &self.0.passwords.owner, database)
    }

    /// Member of `makerlab_app`, owns nothing; for api and worker.
    pub fn app_url(&self, database: &str) -> String {
        self.url(APP, &self.0.passwords.app, database)
    }

    pub fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), LabError> {
        let template = template.unwrap_or("template1");
        self.administer(&format!("create database {} owner {OWNER} template {};", quoted(name), quoted(template)))
    }

    /// Ends the connections to it first; a database that is not there is fine.
    pub fn drop_database(&self, name: &str) -> Result<(), LabError> {
        self.administer(&format!("drop database if exists {} with (force);", quoted(name)))
    }

    /// Nobody can connect any more, so that copying it never fails for a connection left open.
    pub(super) fn seal_template(&self, name: &str) -> Result<(), LabError> {
        self.administer(&format!("alter database {} with is_template true allow_connections false;", quoted(name)))
    }

    /// Name of the migrated template, once there is one.
    pub(super) fn template(&self) -> &OnceCell<String> {
        &self.0.template
    }

    /// Ends connections and shuts down in good order; the data stay.
    pub fn stop(&self) {
        self.end_server("INT");
    }

    /// As after a power cut: no checkpoint, the next start recovers.
    pub fn stop_immediate(&self) {
        self.end_server("QUIT");
    }

    /// On the same port and the same data. Does nothing when it runs.
    pub fn start_again(&self) -> Result<(), LabError> {
        let mut server = self.server();
        if server.is_none() {
            *server = Some(start_server(&self.0.programs, &self.0.home, self.0.port)?);
        }
        Ok(())
    }

    /// Keeps the data as they are now, for [`Self::fail_over`]. Stops and starts the server.
    pub fn keep_standby(&self) -> Result<(), LabError> {
        self.stop();
        cluster::copy_data(&self.0.home)?;
        self.start_again()
    }

    /// The server is lost, and the standby takes over as it was kept: the same cluster on another timeline, which has
    /// forgotten what was committed since.
    pub fn fail_over(&self) -> Result<(), LabError> {
        self.stop_immediate();
        cluster::promote_copy(&self.0.home)?;
        self.start_again()
    }

    fn end_server(&self, signal: &str) {
        if let Some(mut server) = self.server().take() {
            end(&mut server, signal, STOP_PATIENCE);
        }
    }

    fn server(&self) -> MutexGuard<'_, Option<Child>> {
        self.0.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn url(&self, user: &str, password: &SecretString, database: &str) -> String {
        let password = password.expose_secret();
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.0.port)
    }

    fn create_roles(&self) -> Result<(), LabError> {
        let Passwords { owner, app, .. } = &self.0.passwords;
        self.administer(&format!(
            "create role {OWNER} login password '{}';
             create role makerlab_app nologin;
             create role {APP} login password '{}' in role makerlab_app;",
            owner.expose_secret(),
            app.expose_secret()
        ))
    }

    /// Runs statements as the cluster's administrator.
    ///
    /// They travel by standard input: arguments would show passwords to every user of the machine.
    pub fn administer(&self, statements: &str) -> Result<(), LabError> {
        let mut psql = in_clean_environment(self.0.programs.join("psql"));
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"])
            .args(["-U", ADMIN, "-d", "postgres", "-p", &self.0.port.to_string()])
            .env("PGPASSWORD", self.0.passwords.admin.expose_secret())
            .env("PGCONNECT_TIMEOUT", "10")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut psql = spawn(&mut psql)?;
        let failed = |source| LabError::Spawn { program: "psql".into(), source };
        let written = psql.stdin.take().map(|mut input| input.write_all(statements.as_bytes()));
        let output = psql.wait_with_output().map_err(failed)?;
        succeeded("psql", output)?;
        written.transpose().map_err(failed).map(|_| ())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let server = self.server.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut server) = server.take() {
            end(&mut server, "QUIT", STOP_PATIENCE);
        }
    }
}

impl Passwords {
    fn draw() -> Self {
        let draw = || SecretString::from(random_word(32));
        Self { admin: draw(), owner: draw(), app: draw() }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
