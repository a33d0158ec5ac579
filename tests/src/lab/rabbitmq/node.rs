//! The processes and files of one node: the broker, its name server, and how to know that it is ready.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};

use super::management::Management;
use crate::lab::{
    LabError,
    folder::at,
    ports::free_port,
    process::{end, ends_within, has_ended, in_own_session, poll, run, spawn_logging, tail},
    random_word,
};

pub const USER: &str = "makerlab";
const START_PATIENCE: Duration = Duration::from_secs(90);
const STOP_PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(300);

/// For the distribution too only the loopback; schedulers that sleep when idle, since tests share few cores.
const ERLANG: &str = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none";

/// Everything that the node would else read from or write to the system's folders, pointed into its own.
const FILES: [(&str, &str); 12] = [
    ("HOME", ""),
    ("TMPDIR", ""),
    ("ERL_CRASH_DUMP", "log/erl_crash.dump"),
    ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
    ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
    ("RABBITMQ_CONFIG_FILES", "conf.d/*.conf"),
    ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
    ("RABBITMQ_GENERATED_CONFIG_DIR", "generated"),
    ("RABBITMQ_LOG_BASE", "log"),
    ("RABBITMQ_MNESIA_BASE", DATA),
    ("RABBITMQ_PID_FILE", "pid"),
    ("RABBITMQ_SCHEMA_DIR", "schema"),
];
const DATA: &str = "data";

#[derive(Debug)]
pub struct Node {
    program: PathBuf,
    home: PathBuf,
    pub ports: Ports,
    pub management: Management,
}

#[derive(Debug)]
pub struct Ports {
    pub amqp: u16,
    pub management: u16,
    distribution: u16,
    name_server: u16,
}

#[derive(Debug)]
pub struct Server {
    broker: Child,
    name_server: Child,
}

impl Node {
    pub fn create(program: &Path, home: &Path) -> Result<Self, LabError> {
        let ports = Ports::draw();
        let node = Self {
            program: program.to_owned(),
            home: home.to_owned(),
            management: Management {
                port: ports.management,
                user: USER.to_owned(),
                password: SecretString::from(random_word(32)),
            },
            ports,
        };
        node.write_files()?;
        Ok(node)
    }

    pub fn start(&self) -> Result<Server, LabError> {
        let mut server = self.spawn()?;
        let ready = poll(START_PATIENCE, || has_ended(&mut server.broker) || self.is_ready());
        if ready && !has_ended(&mut server.broker) {
            return Ok(server);
        }
        server.kill();
        Err(LabError::NotReady {
            server: "RabbitMQ",
            reason: if ready { "it ended".into() } else { format!("waited {START_PATIENCE:?}") },
            log: tail(&self.log()),
        })
    }

    /// After a hard kill the old distribution port stays busy for a moment, and the start fails until it is free.
    pub fn start_again(&self) -> Result<Server, LabError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            match self.start() {
                Err(_) if Instant::now() < deadline => thread::sleep(PAUSE),
                outcome => return outcome,
            }
        }
    }

    /// What an operator types: `rabbitmqctl` of this node.
    pub fn control(&self, arguments: &[&str]) -> Result<String, LabError> {
        let port = free_port().to_string();
        let mut control = self.command(&self.program.with_file_name("rabbitmqctl"));
        // Its default is the node's port and 10,000: more than there are.
        control.env("RABBITMQ_CTL_DIST_PORT_MIN", &port).env("RABBITMQ_CTL_DIST_PORT_MAX", &port);
        run(control.args(arguments))
    }

    pub fn forget(&self) -> Result<(), LabError> {
        let data = self.home.join(DATA);
        fs::remove_dir_all(&data).map_err(at("remove", &data))
    }

    fn spawn(&self) -> Result<Server, LabError> {
        let port = self.ports.name_server.to_string();
        let mut name_server = self.command(Path::new("epmd"));
        name_server.args(["-port", &port, "-address", "127.0.0.1"]);
        let mut name_server = spawn_logging(&mut name_server, &self.home.join("log/epmd"))?;
        match spawn_logging(&mut self.command(&self.program), &self.log()) {
            Ok(broker) => Ok(Server { broker, name_server }),
            Err(error) => {
                end(&mut name_server, "KILL", STOP_PATIENCE);
                Err(error)
            }
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = in_own_session(program);
        command
            .current_dir(&self.home)
            .envs(FILES.map(|(name, file)| (name, self.home.join(file))))
            .env("RABBITMQ_NODENAME", "makerlab@localhost")
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("RABBITMQ_DIST_PORT", self.ports.distribution.to_string())
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", ERLANG)
            .env("ERL_EPMD_PORT", self.ports.name_server.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            // Replaces the starting shell by the broker: the pid that we know is the one that works.
            .env("RUNNING_UNDER_SYSTEMD", "true");
        command
    }

    /// Asks with our password, so that a stranger who took the port is not taken for ours.
    fn is_ready(&self) -> bool {
        let listens = format!("/api/health/checks/port-listener/{}", self.ports.amqp);
        self.management.get(&listens).is_ok()
    }

    fn log(&self) -> PathBuf {
        self.home.join("log/output")
    }

    fn write_files(&self) -> Result<(), LabError> {
        let log = self.home.join("log");
        fs::create_dir(&log).map_err(at("create", &log))?;
        self.write("rabbitmq.conf", &self.configuration())?;
        self.write("enabled_plugins", "[rabbitmq_management].\n")?;
        let cookie = self.write(".erlang.cookie", &random_word(32))?;
        fs::set_permissions(&cookie, Permissions::from_mode(0o400)).map_err(at("protect", &cookie))
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf, LabError> {
        let path = self.home.join(name);
        fs::write(&path, text).map_err(at("write", &path))?;
        Ok(path)
    }

    /// The default write-ahead log of 512 MB would be paid in memory as well.
    fn configuration(&self) -> String {
        format!(
            "listeners.tcp.1 = 127.0.0.1:{amqp}\n\
             management.tcp.ip = 127.0.0.1\n\
             management.tcp.port = {management}\n\
             default_user = {USER}\n\
             default_pass = {password}\n\
             raft.wal_max_size_bytes = 32000000\n\
             disk_free_limit.absolute = 50MB\n\
             collect_statistics_interval = 1000\n",
            amqp = self.ports.amqp,
            management = self.ports.management,
            password = self.management.password.expose_secret(),
        )
    }
}

impl Server {
    pub fn stop(mut self) {
        end(&mut self.broker, "TERM", STOP_PATIENCE);
        self.kill();
    }

    pub fn kill(mut self) {
        for child in [&mut self.broker, &mut self.name_server] {
            let _ = child.kill();
            ends_within(child, STOP_PATIENCE);
        }
    }
}

impl Ports {
    fn draw() -> Self {
        Self { amqp: free_port(), management: free_port(), distribution: free_port(), name_server: free_port() }
    }
}
