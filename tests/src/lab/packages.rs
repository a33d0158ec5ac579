//! The server programs that the lab runs: found where Debian puts them, else installed from its packages.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    LabError,
    folder::lock,
    process::{is_root, own_uid, run},
};

const INSTALL: &str = include_str!("install.sh");
const POSTGRES_AT_LEAST: u32 = 15;
const RABBITMQ_AT_LEAST: (u32, u32) = (3, 10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallPolicy {
    InstallMissing,
    NoInstall,
}

impl InstallPolicy {
    /// `MAKERLAB_NO_INSTALL=1` is for `cargo test` what `--no-install` is for the programs.
    pub fn from_env() -> Self {
        match env::var("MAKERLAB_NO_INSTALL") {
            Ok(value) if !matches!(value.as_str(), "" | "0" | "false") => Self::NoInstall,
            _ => Self::InstallMissing,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Packages {
    /// The folder of `postgres`, `initdb`, `psql`, `pgbench`.
    pub postgres: PathBuf,
    /// The script that starts a node as whoever calls it; the one in `/usr/sbin` switches user and drops the environment.
    pub rabbitmq: PathBuf,
}

impl Packages {
    pub fn provide(policy: InstallPolicy) -> Result<Self, LabError> {
        Self::provide_in(Path::new("/"), policy)
    }

    /// `root` is where to look, so that a test can have a machine with nothing on it. Installing only ever helps `/`.
    pub fn provide_in(root: &Path, policy: InstallPolicy) -> Result<Self, LabError> {
        match (find(root), policy) {
            (Ok(found), _) => Ok(found),
            (Err(missing), InstallPolicy::NoInstall) => Err(refusal(&missing)),
            (Err(_), InstallPolicy::InstallMissing) => install_once(root),
        }
    }
}

/// Names the packages that are missing.
fn find(root: &Path) -> Result<Packages, Vec<&'static str>> {
    match (find_postgres(root), find_rabbitmq(root)) {
        (Some(postgres), Some(rabbitmq)) => Ok(Packages { postgres, rabbitmq }),
        (None, Some(_)) => Err(vec!["postgresql"]),
        (Some(_), None) => Err(vec!["rabbitmq-server"]),
        (None, None) => Err(vec!["postgresql", "rabbitmq-server"]),
    }
}

fn find_postgres(root: &Path) -> Option<PathBuf> {
    let versions = names_in(&root.join("usr/lib/postgresql"));
    let newest = versions
        .iter()
        .filter_map(|name| name.parse::<u32>().ok())
        .filter(|version| *version >= POSTGRES_AT_LEAST)
        .filter(|version| postgres_programs(root, *version).join("postgres").is_file())
        .max()?;
    Some(postgres_programs(root, newest))
}

fn postgres_programs(root: &Path, version: u32) -> PathBuf {
    root.join(format!("usr/lib/postgresql/{version}/bin"))
}

fn find_rabbitmq(root: &Path) -> Option<PathBuf> {
    let is_new_enough = names_in(&root.join("usr/lib/rabbitmq/lib"))
        .iter()
        .filter_map(|name| version_of(name.strip_prefix("rabbitmq_server-")?))
        .any(|version| version >= RABBITMQ_AT_LEAST);
    let program = root.join("usr/lib/rabbitmq/bin/rabbitmq-server");
    (is_new_enough && program.is_file()).then_some(program)
}

fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Two test runs that start together install once: the second finds what the first has installed.
fn install_once(root: &Path) -> Result<Packages, LabError> {
    let _one_at_a_time =
        lock(&env::temp_dir().join(format!("makerlab-packages.{}.lock", own_uid())))?;
    let missing = match find(root) {
        Ok(found) => return Ok(found),
        Err(missing) => missing,
    };
    eprintln!(
        "Installing {} from the system's packages (apt-get)",
        missing.join(" and ")
    );
    install(&missing)?;
    find(root).map_err(|missing| LabError::Install {
        packages: missing.join(" "),
        reason: format!(
            "this system's version is too old (PostgreSQL {POSTGRES_AT_LEAST} and RabbitMQ {}.{} or newer are needed)",
            RABBITMQ_AT_LEAST.0, RABBITMQ_AT_LEAST.1
        ),
        output: String::new(),
    })
}

fn install(packages: &[&str]) -> Result<(), LabError> {
    let mut installer = if is_root() {
        Command::new("sh")
    } else {
        Command::new("sudo")
    };
    if !is_root() {
        installer.args(["-n", "sh"]);
    }
    installer
        .args(["-c", INSTALL, "install"])
        .args(packages)
        .stdin(Stdio::null());
    run(&mut installer)
        .map(drop)
        .map_err(|error| LabError::Install {
            packages: packages.join(" "),
            reason: format!("run `{}` by hand to see why", command_for(packages)),
            output: error.report(),
        })
}

fn refusal(missing: &[&str]) -> LabError {
    LabError::Missing {
        missing: missing.join(", "),
        command: command_for(missing),
    }
}

fn command_for(packages: &[&str]) -> String {
    let sudo = if is_root() { "" } else { "sudo " };
    format!(
        "{sudo}apt-get install --no-install-recommends {}",
        packages.join(" ")
    )
}
