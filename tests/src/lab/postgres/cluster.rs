//! The processes and files of one cluster: `initdb`, `postgres`, and how to know that it is ready.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};

use super::ADMIN;
use crate::lab::{
    LabError,
    folder::at,
    ports::free_port,
    process::{as_postgres, end, has_ended, is_root, poll, run, spawn_logging, tail},
};

const START_PATIENCE: Duration = Duration::from_secs(60);
pub const STOP_PATIENCE: Duration = Duration::from_secs(30);
const PORTS_TO_TRY: usize = 5;

pub fn initialise(programs: &Path, home: &Path, password: &SecretString) -> Result<(), LabError> {
    let password_file = home.join("password");
    fs::write(&password_file, password.expose_secret()).map_err(at("write", &password_file))?;
    if is_root() {
        run(Command::new("chown").arg(ADMIN).arg(&password_file))?;
    }
    // Into a file: should we die, initdb must not die of a broken pipe, it would leave shared memory behind.
    let log = home.join("initdb.log");
    let mut initdb = spawn_logging(
        as_postgres(&programs.join("initdb"))
            .current_dir(home)
            .args(["--pgdata", "data", "--username", ADMIN, "--pwfile", "password"])
            .args(["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]),
        &log,
    )?;
    if !initdb.wait().is_ok_and(|status| status.success()) {
        return Err(LabError::Failed { program: "initdb".into(), output: tail(&log) });
    }
    fs::remove_file(&password_file).map_err(at("remove", &password_file))
}

pub fn start_on_a_free_port(programs: &Path, home: &Path) -> Result<(u16, Child), LabError> {
    let mut last = None;
    for _ in 0..PORTS_TO_TRY {
        let port = free_port();
        match start_server(programs, home, port) {
            Ok(server) => return Ok((port, server)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.expect("at least one port was tried"))
}

pub fn start_server(programs: &Path, home: &Path, port: u16) -> Result<Child, LabError> {
    let log = home.join("log");
    let mut server = spawn_logging(
        as_postgres(&programs.join("postgres"))
            .current_dir(home)
            .args(["-D", "data", "-p", &port.to_string()])
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting])),
        &log,
    )?;
    let ready = poll(START_PATIENCE, || has_ended(&mut server) || is_ready(home, server.id()));
    if ready && !has_ended(&mut server) {
        return Ok(server);
    }
    end(&mut server, "QUIT", STOP_PATIENCE);
    Err(LabError::NotReady {
        server: "PostgreSQL",
        reason: if ready { "it ended".into() } else { format!("waited {START_PATIENCE:?}") },
        log: tail(&log),
    })
}

/// Only while the server is stopped.
pub fn copy_data(home: &Path) -> Result<(), LabError> {
    run(Command::new("cp").args(["-a", "data", "standby"]).current_dir(home)).map(drop)
}

/// What was copied takes the place of the data; recovery ends where its log ends, on a timeline of its own.
pub fn promote_copy(home: &Path) -> Result<(), LabError> {
    let promote = "rm -r data && mv standby data && echo \"restore_command = 'false'\" >> data/postgresql.auto.conf
                   cp -p data/PG_VERSION data/recovery.signal";
    run(Command::new("sh").args(["-e", "-c", promote]).current_dir(home)).map(drop)
}

/// Durable as in production: what demo, storm and benches show is not bought with less.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=64MB",
    "timezone=UTC",
    "log_timezone=UTC",
];

/// The server itself writes its pid in the first line and `ready` in the eighth; a stranger who took the port cannot.
fn is_ready(home: &Path, pid: u32) -> bool {
    let status = fs::read_to_string(home.join("data/postmaster.pid")).unwrap_or_default();
    let lines: Vec<_> = status.lines().map(str::trim).collect();
    lines.first() == Some(&pid.to_string().as_str()) && lines.get(7) == Some(&"ready")
}
