//! The few things about processes that the standard library lacks: a session of its own, another user,
//! a signal other than KILL. Everything here is blocking on purpose: it belongs to no async runtime.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{LabError, folder::at};

const POLL: Duration = Duration::from_millis(20);

/// Without the caller's environment: a PGPORT or RABBITMQ_NODENAME in it is meant for another server.
pub fn in_clean_environment(program: impl AsRef<OsStr>) -> Command {
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/sbin:/usr/bin:/sbin:/bin".into());
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8");
    command
}

/// Out of reach of the terminal's Ctrl-C and of signals to our process group.
pub fn in_own_session(program: impl AsRef<OsStr>) -> Command {
    let mut command = in_clean_environment("setsid");
    command.arg(program);
    command
}

/// Drops root for programs that refuse it; anyone else runs them as oneself.
pub fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return in_own_session(program);
    }
    let mut command = in_own_session("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
        .arg(program);
    command
}

pub fn is_root() -> bool {
    own_uid() == 0
}

pub fn own_uid() -> u32 {
    fs::metadata("/proc/self").map_or(u32::MAX, |own| own.uid())
}

/// Runs to the end and returns what was printed; a failure carries both streams.
pub fn run(command: &mut Command) -> Result<String, LabError> {
    let output = command.output().map_err(|source| LabError::Spawn {
        program: name_of(command),
        source,
    })?;
    succeeded(&name_of(command), output)
}

pub fn succeeded(program: &str, output: Output) -> Result<String, LabError> {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(LabError::Failed {
        program: program.to_owned(),
        output: format!("{printed}{complaint}").trim().to_owned(),
    })
}

/// Spawns a server that reads nothing and whose words go to `log`.
pub fn spawn_logging(command: &mut Command, log: &Path) -> Result<Child, LabError> {
    let output = File::create(log).map_err(at("create", log))?;
    let errors = output.try_clone().map_err(at("open", log))?;
    spawn(command.stdin(Stdio::null()).stdout(output).stderr(errors))
}

pub fn spawn(command: &mut Command) -> Result<Child, LabError> {
    command.spawn().map_err(|source| LabError::Spawn {
        program: name_of(command),
        source,
    })
}

/// The child is not reaped yet, so its pid cannot have become somebody else's.
pub fn signal(child: &Child, signal: &str) -> Result<(), LabError> {
    let kill = format!("kill -{signal} {}", child.id());
    run(Command::new("sh").args(["-c", &kill])).map(drop)
}

pub fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

pub fn ends_within(child: &mut Child, patience: Duration) -> bool {
    poll(patience, || has_ended(child))
}

/// Asks with a signal and, when that was not heard in time, kills.
pub fn end(child: &mut Child, with_signal: &str, patience: Duration) {
    let heard = signal(child, with_signal).is_ok() && ends_within(child, patience);
    if !heard {
        let _ = child.kill();
        let _ = child.wait();
    }
}

pub fn poll(patience: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(POLL);
    }
}

fn name_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let names: Vec<_> = words
        .filter_map(|word| Path::new(word).file_name())
        .map(|name| name.to_string_lossy())
        .take(2)
        .collect();
    names.join(" ")
}

/// The last lines of a log, for an error that a person reads without the folder.
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
