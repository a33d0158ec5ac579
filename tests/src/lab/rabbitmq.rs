//! A private RabbitMQ node with its own Erlang name server, loopback only, management plugin enabled.
//! Isolation between tests is by queue prefix: quorum queues are cheap, nodes are not.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};

use super::{
    LabError, LabFolder,
    folder::at,
    management::{Management, encoded},
    packages::Packages,
    ports::free_port,
    process::{end, ends_within, in_own_session, poll, spawn, tail},
    random_word,
};

const USER: &str = "makerlab";
const START_PATIENCE: Duration = Duration::from_secs(120);
const STOP_PATIENCE: Duration = Duration::from_secs(40);
const BREATH: Duration = Duration::from_millis(300);

/// A handle; the node ends with its last clone.
#[derive(Clone, Debug)]
pub struct RabbitMq(Arc<Node>);

#[derive(Debug)]
struct Node {
    program: PathBuf,
    home: PathBuf,
    ports: Ports,
    management: Management,
    server: Mutex<Option<Server>>,
    _folder: LabFolder,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    amqp: u16,
    management: u16,
    distribution: u16,
    name_server: u16,
}

#[derive(Debug)]
struct Server {
    broker: Child,
    name_server: Child,
}

impl RabbitMq {
    /// Starts a new node in `folder`. Blocking, some seven seconds.
    pub fn start(packages: &Packages, folder: &LabFolder) -> Result<Self, LabError> {
        let ports = Ports::draw();
        let home = folder.subfolder("rabbitmq", None)?;
        let password = SecretString::from(random_word(32));
        write_files(&home, &ports, &password)?;
        let rabbitmq = Self(Arc::new(Node {
            program: packages.rabbitmq.clone(),
            home,
            ports,
            management: Management {
                port: ports.management,
                user: USER.to_owned(),
                password,
            },
            server: Mutex::new(None),
            _folder: folder.clone(),
        }));
        rabbitmq.start_again()?;
        Ok(rabbitmq)
    }

    pub fn amqp_url(&self) -> String {
        format!("amqp://{USER}:{}@127.0.0.1:{}/%2f", self.password(), self.0.ports.amqp)
    }

    pub fn management_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.ports.management)
    }

    /// As `management_url`, with the credentials that a browser or client needs.
    pub fn management_url_with_credentials(&self) -> String {
        format!("http://{USER}:{}@127.0.0.1:{}", self.password(), self.0.ports.management)
    }

    pub fn user(&self) -> &str {
        USER
    }

    pub fn password(&self) -> &str {
        self.0.management.password.expose_secret()
    }

    pub fn amqp_port(&self) -> u16 {
        self.0.ports.amqp
    }

    /// As the out-of-memory killer would.
    pub fn kill(&self) {
        if let Some(server) = self.server().take() {
            server.kill();
        }
    }

    /// In good order; takes some six seconds. The queues and their messages stay.
    pub fn stop(&self) {
        if let Some(mut server) = self.server().take() {
            end(&mut server.broker, "TERM", STOP_PATIENCE);
            server.kill();
        }
    }

    /// On the same ports and the same data. Does nothing when it runs.
    pub fn start_again(&self) -> Result<(), LabError> {
        let mut server = self.server();
        if server.is_none() {
            *server = Some(self.0.start()?);
        }
        Ok(())
    }

    /// Stops hard, forgets every queue and message, and starts again: the broker that lost its disk.
    pub fn wipe(&self) -> Result<(), LabError> {
        self.kill();
        let data = self.0.home.join("mnesia");
        fs::remove_dir_all(&data).map_err(at("remove", &data))?;
        self.start_again()
    }

    /// Names of the queues that start with `prefix`.
    pub fn list_queues(&self, prefix: &str) -> Result<Vec<String>, LabError> {
        let queues = self.0.management.get("/api/queues/%2F?disable_stats=true&enable_queue_totals=true")?;
        let queues = queues.as_array().cloned().unwrap_or_default();
        let names = queues.iter().filter_map(|queue| queue["name"].as_str());
        Ok(names.filter(|name| name.starts_with(prefix)).map(str::to_owned).collect())
    }

    pub fn delete_queues_with_prefix(&self, prefix: &str) -> Result<(), LabError> {
        for name in self.list_queues(prefix)? {
            self.0.management.delete(&format!("/api/queues/%2F/{}", encoded(&name)))?;
        }
        Ok(())
    }

    fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.0.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Node {
    /// Tries until the deadline: after a hard kill the old distribution port stays busy for a moment.
    fn start(&self) -> Result<Server, LabError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            match self.try_start(deadline) {
                Ok(server) => return Ok(server),
                Err(error) if Instant::now() + BREATH >= deadline => return Err(error),
                Err(_) => std::thread::sleep(BREATH),
            }
        }
    }

    fn try_start(&self, deadline: Instant) -> Result<Server, LabError> {
        let mut server = self.spawn()?;
        let patience = deadline.saturating_duration_since(Instant::now());
        let ready = poll(patience, || server.has_ended() || self.is_ready());
        if ready && !server.has_ended() {
            return Ok(server);
        }
        server.kill();
        Err(LabError::NotReady {
            server: "RabbitMQ",
            reason: if ready { "it ended".into() } else { format!("waited {START_PATIENCE:?}") },
            log: tail(&self.home.join("log/output")),
        })
    }

    fn spawn(&self) -> Result<Server, LabError> {
        let log = self.home.join("log/output");
        let output = File::create(&log).map_err(at("create", &log))?;
        let errors = output.try_clone().map_err(at("open", &log))?;
        let name_server = self.ports.name_server.to_string();
        let mut name_server = spawn(
            self.command(Path::new("epmd"))
                .args(["-port", &name_server, "-address", "127.0.0.1"])
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )?;
        let broker = spawn(self.command(&self.program).stdout(output).stderr(errors));
        match broker {
            Ok(broker) => Ok(Server { broker, name_server }),
            Err(error) => {
                end(&mut name_server, "KILL", STOP_PATIENCE);
                Err(error)
            }
        }
    }

    /// Everything that the node would else read from or write to the system's folders points into ours.
    fn command(&self, program: &Path) -> std::process::Command {
        let mut command = in_own_session(program);
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/sbin:/usr/bin:/sbin:/bin".into());
        command.env_clear().env("PATH", path).env("LC_ALL", "C.UTF-8");
        for (name, file) in FILES {
            command.env(name, self.home.join(file));
        }
        command
            .env("RABBITMQ_NODENAME", "makerlab@localhost")
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("RABBITMQ_DIST_PORT", self.ports.distribution.to_string())
            .env("ERL_EPMD_PORT", self.ports.name_server.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", ERLANG)
            // Replaces the starting shell by the broker: the pid that we know is the one that works.
            .env("RUNNING_UNDER_SYSTEMD", "true")
            .current_dir(&self.home)
            .stdin(Stdio::null());
        command
    }

    /// Asks with our password, so a stranger who took the port is not taken for ours.
    fn is_ready(&self) -> bool {
        let listens = format!("/api/health/checks/port-listener/{}", self.ports.amqp);
        self.management.get(&listens).is_ok()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let server = self.server.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = server.take() {
            server.kill();
        }
    }
}

impl Server {
    fn has_ended(&mut self) -> bool {
        !matches!(self.broker.try_wait(), Ok(None))
    }

    fn kill(mut self) {
        for child in [&mut self.broker, &mut self.name_server] {
            let _ = child.kill();
            ends_within(child, STOP_PATIENCE);
        }
    }
}

impl Ports {
    fn draw() -> Self {
        Self {
            amqp: free_port(),
            management: free_port(),
            distribution: free_port(),
            name_server: free_port(),
        }
    }
}

const FILES: [(&str, &str); 12] = [
    ("HOME", ""),
    ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
    ("RABBITMQ_CONFIG_FILES", "conf.d/*.conf"),
    ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
    ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
    ("RABBITMQ_GENERATED_CONFIG_DIR", "generated"),
    ("RABBITMQ_MNESIA_BASE", "mnesia"),
    ("RABBITMQ_SCHEMA_DIR", "schema"),
    ("RABBITMQ_LOG_BASE", "log"),
    ("RABBITMQ_PID_FILE", "pid"),
    ("ERL_CRASH_DUMP", "log/erl_crash.dump"),
    ("TMPDIR", ""),
];

/// Loopback for the distribution too; schedulers that sleep when idle, since tests share few cores.
const ERLANG: &str = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none";

fn write_files(home: &Path, ports: &Ports, password: &SecretString) -> Result<(), LabError> {
    let log = home.join("log");
    fs::create_dir(&log).map_err(at("create", &log))?;
    write(&home.join("rabbitmq.conf"), &configuration(ports, password))?;
    write(&home.join("enabled_plugins"), "[rabbitmq_management].\n")?;
    let cookie = home.join(".erlang.cookie");
    write(&cookie, &random_word(32))?;
    fs::set_permissions(&cookie, Permissions::from_mode(0o400)).map_err(at("protect", &cookie))
}

fn write(path: &Path, text: &str) -> Result<(), LabError> {
    fs::write(path, text).map_err(at("write", path))
}

/// The default write-ahead log of 512 MB would be paid in memory as well.
fn configuration(ports: &Ports, password: &SecretString) -> String {
    format!(
        "listeners.tcp.1 = 127.0.0.1:{amqp}\n\
         management.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {management}\n\
         default_user = {USER}\n\
         default_pass = {password}\n\
         raft.wal_max_size_bytes = 32000000\n\
         disk_free_limit.absolute = 50MB\n\
         collect_statistics_interval = 1000\n",
        amqp = ports.amqp,
        management = ports.management,
        password = password.expose_secret(),
    )
}
