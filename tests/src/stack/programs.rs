//! The two binaries under test, built as whatever asks for them was built: same profile, same target folder.
//!
//! Cargo decides whether they are stale. The whole workspace is named, so that its crates get the same features as
//! in every other build of it; otherwise half of the dependencies would be compiled a second time.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use anyhow::{Context, bail};

use crate::lab::services::off_the_runtime;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
const API: &str = "makerlab-api";
const WORKER: &str = "makerlab-worker";
const ABOUT_US: [&str; 5] = ["CARGO_BIN_", "CARGO_CRATE_", "CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_PRIMARY_"];

#[derive(Debug, Clone)]
pub struct Programs {
    pub api: PathBuf,
    pub worker: PathBuf,
}

/// Cargo is asked once per process: tests run side by side and would queue for its lock.
static BUILT: LazyLock<Result<Programs, String>> = LazyLock::new(|| build().map_err(|error| format!("{error:#}")));

impl Programs {
    /// Builds what is missing or stale.
    pub async fn provide() -> anyhow::Result<Self> {
        off_the_runtime(|| BUILT.clone()).await.map_err(anyhow::Error::msg)
    }
}

fn build() -> anyhow::Result<Programs> {
    let running = env::current_exe().context("could not find out where this program lies")?;
    let home = Home::of(&running).with_context(|| format!("{} lies in no target folder", running.display()))?;
    let mut cargo = Command::new(cargo());
    cargo
        .args(["build", "--quiet", "--workspace", "--bin", API, "--bin", WORKER, "--manifest-path", MANIFEST])
        .args(home.profile_arguments())
        .arg("--target-dir")
        .arg(&home.target)
        .stdin(Stdio::null());
    for (name, _) in env::vars_os().filter(|(name, _)| is_about_us(name)) {
        cargo.env_remove(name);
    }
    let output = cargo.output().context("could not run cargo")?;
    if !output.status.success() {
        bail!("could not build {API} and {WORKER}:\n{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(Programs { api: home.programs.join(API), worker: home.programs.join(WORKER) })
}

/// The cargo that runs us, else the one that is typed. Not the one that built us, called by its path: it would find a
/// compiler that follows the toolchain files of our dependencies.
fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// What `cargo run` and `cargo test` tell a program about its own package. Build scripts of our dependencies watch
/// some of it (ring's does): a build that inherited it would compile half of them anew, and so would the next one.
fn is_about_us(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    name == "OUT_DIR" || ABOUT_US.iter().any(|prefix| name.starts_with(prefix))
}

/// Where cargo put the running program: `<target>/<profile>/demo` or `<target>/<profile>/deps/it-0123`.
#[derive(Debug, PartialEq, Eq)]
struct Home {
    target: PathBuf,
    programs: PathBuf,
}

impl Home {
    fn of(program: &Path) -> Option<Self> {
        let folder = program.parent()?;
        let programs = if folder.ends_with("deps") { folder.parent()? } else { folder };
        Some(Self { target: programs.parent()?.to_owned(), programs: programs.to_owned() })
    }

    /// The folder is named after the profile, except for `dev`, whose folder is `debug`.
    fn profile_arguments(&self) -> [&OsStr; 2] {
        let folder = self.programs.file_name().unwrap_or_default();
        ["--profile".as_ref(), if folder == "debug" { "dev".as_ref() } else { folder }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_build_keeps_the_settings_of_cargo_and_drops_what_is_about_this_package() {
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_BIN_EXE_demo", "OUT_DIR"] {
            assert!(is_about_us(OsStr::new(name)), "{name}");
        }
        for name in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_BUILD_JOBS", "RUSTFLAGS", "PATH"] {
            assert!(!is_about_us(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn the_binaries_lie_beside_a_program_and_above_a_test() {
        let home = |path| Home::of(Path::new(path)).unwrap();

        assert_eq!(home("/w/target/release/demo"), home("/w/target/release/deps/it-0123"));
        assert_eq!(home("/w/target/release/demo").profile_arguments(), ["--profile", "release"]);
        assert_eq!(home("/w/target/debug/deps/it-0123").profile_arguments(), ["--profile", "dev"]);
        assert_eq!(home("/w/target/debug/demo").target, Path::new("/w/target"));
    }
}
