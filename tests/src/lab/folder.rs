//! The folder that private servers live in, and the promise that they end with us.
//! Rust never drops a `static`, and nothing drops anything after SIGKILL; so a small guard process waits
//! for the end of a pipe that only we hold, then ends the servers and removes the folder (`guard.sh`).
//! Should the guard be killed as well, the next lab sweeps up: a folder whose lock is free has no owner.

use std::{
    env,
    fs::{self, File, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use super::{
    LabError,
    process::{in_own_session, is_root, own_uid, run, spawn},
    random_word,
};

const PREFIX: &str = "makerlab-lab-";
const LOCK: &str = "owner.lock";
/// A file system in memory, on every Linux that has one mounted.
const MEMORY: &str = "/dev/shm";
/// What the servers of the tests may need at worst, with all their logs. Containers often have much less there.
const ROOM_MIB: u64 = 3072;
const GUARD: &str = include_str!("guard.sh");

/// Cheap to clone; when the last clone is dropped, the servers in it are ended and the folder is removed.
#[derive(Clone, Debug)]
pub struct LabFolder(Arc<Guarded>);

#[derive(Debug)]
struct Guarded {
    path: PathBuf,
    guard: Child,
    servers: AtomicU32,
    _lock: File,
}

impl LabFolder {
    /// Under `MAKERLAB_LAB_DIR`, else the system's temporary folder.
    pub fn create() -> Result<Self, LabError> {
        Self::create_in(&find_home()?)
    }

    /// For servers that need not outlive the machine: in memory where there is room, else as [`Self::create`]. A database
    /// for each test is some hundred files, which a disk's file system makes and removes slowly.
    pub fn create_in_memory() -> Result<Self, LabError> {
        match env::var_os("MAKERLAB_LAB_DIR").is_none() && has_room(Path::new(MEMORY)) {
            true => Self::create_in(Path::new(MEMORY)),
            false => Self::create(),
        }
    }

    /// Sweeps `home` first. On a machine where we are root, `home` must be open to user postgres.
    pub fn create_in(home: &Path) -> Result<Self, LabError> {
        let _one_at_a_time = lock(&home.join(format!("makerlab-lab.{}.lock", own_uid())))?;
        sweep(home);
        let path = home.join(format!("{PREFIX}{}-{}", process::id(), random_word(6)));
        fs::create_dir(&path).map_err(at("create", &path))?;
        let lock = lock(&path.join(LOCK))?;
        // Searchable, so that user postgres reaches its folder inside; what lies inside is private.
        fs::set_permissions(&path, Permissions::from_mode(0o711)).map_err(at("open", &path))?;
        let guard = spawn_guard(&path)?;
        Ok(Self(Arc::new(Guarded { path, guard, servers: AtomicU32::new(0), _lock: lock })))
    }

    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// A new folder for one server, owned by `user` (as far as we may give things away).
    pub(crate) fn subfolder(&self, name: &str, user: Option<&str>) -> Result<PathBuf, LabError> {
        let number = self.0.servers.fetch_add(1, Ordering::Relaxed);
        let path = self.0.path.join(format!("{name}-{number}"));
        let mut install = Command::new("install");
        install.args(["-d", "-m", "700"]);
        if let Some(user) = user {
            install.args(["-o", user, "-g", user]);
        }
        run(install.arg(&path))?;
        Ok(path)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

fn find_home() -> Result<PathBuf, LabError> {
    let candidates = match env::var_os("MAKERLAB_LAB_DIR") {
        Some(named) => vec![PathBuf::from(named)],
        None => vec![env::temp_dir(), PathBuf::from("/tmp")],
    };
    for candidate in &candidates {
        fs::create_dir_all(candidate).map_err(at("create", candidate))?;
        let path = candidate.canonicalize().map_err(at("find", candidate))?;
        if !is_root() || path.ancestors().all(may_be_entered_by_all) {
            return Ok(path);
        }
    }
    let names: Vec<_> = candidates.iter().map(|c| c.display().to_string()).collect();
    Err(LabError::NoFolder { tried: names.join(" or ") })
}

/// Whether `folder` is in memory and has room; no answer is a no.
fn has_room(folder: &Path) -> bool {
    let mut df = Command::new("df");
    let Ok(shown) = run(df.args(["--block-size=1M", "--output=fstype,avail"]).arg(folder)) else { return false };
    let mut words = shown.lines().last().unwrap_or_default().split_whitespace();
    words.next() == Some("tmpfs")
        && words.next().and_then(|free| free.parse().ok()).is_some_and(|free: u64| free >= ROOM_MIB)
}

fn may_be_entered_by_all(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 != 0)
}

fn sweep(home: &Path) {
    let Ok(entries) = fs::read_dir(home) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if is_abandoned(&path) && spawn_guard(&path).is_ok() {
            tracing::info!("Sweeping up {}, whose owner is gone", path.display());
        }
    }
}

fn is_abandoned(path: &Path) -> bool {
    let is_lab = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    let is_ours = fs::symlink_metadata(path).is_ok_and(|found| found.uid() == own_uid() && found.is_dir());
    is_lab && is_ours && File::open(path.join(LOCK)).map_or(true, |lock| lock.try_lock().is_ok())
}

/// Dropping the returned child's stdin (for a sweep: at once) sets the guard to work.
fn spawn_guard(path: &Path) -> Result<Child, LabError> {
    spawn(
        in_own_session("sh")
            .args(["-c", GUARD, "makerlab-guard"])
            .arg(path)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
    )
}

/// Held until the returned file is dropped, which the kernel does for the dead.
pub(super) fn lock(path: &Path) -> Result<File, LabError> {
    let file = File::create(path).map_err(at("create", path))?;
    file.lock().map_err(at("lock", path))?;
    Ok(file)
}

pub(super) fn at<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> LabError + 'a {
    move |source| LabError::File { doing, path: path.to_owned(), source }
}
