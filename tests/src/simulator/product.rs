//! What kind of server this is: its version, and the settings of its `.env` that clients come to feel.

use std::sync::{Mutex, MutexGuard};

/// The one that was recorded.
const RECORDED: &str = "v8.1.4";
/// The default of `MAX_RESULTS`.
const MAX_RESULTS: usize = 500;

#[derive(Debug)]
pub struct Product {
    settings: Mutex<Settings>,
}

#[derive(Debug)]
struct Settings {
    version: String,
    max_results: usize,
}

impl Product {
    pub(super) fn new() -> Self {
        Self { settings: Mutex::new(Settings { version: RECORDED.to_owned(), max_results: MAX_RESULTS }) }
    }

    /// From now on `GET version` says so; nothing else changes.
    pub fn set_version(&self, version: &str) {
        version.clone_into(&mut self.settings().version);
    }

    /// `MAX_RESULTS`: a limit that is missing, 0, not a number or larger silently becomes this.
    pub fn set_max_results(&self, rows: usize) {
        self.settings().max_results = rows;
    }

    pub(super) fn version(&self) -> String {
        self.settings().version.clone()
    }

    pub(super) fn max_results(&self) -> usize {
        self.settings().max_results
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().expect("no panic while the settings are held")
    }
}
