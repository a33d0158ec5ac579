//! What kind of server this is: its version, and the settings of its `.env` that clients come to feel.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard},
};

use serde_json::Value;

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
    shows_archived: bool,
    /// By asset: what its row names and the database has no more.
    lost: BTreeMap<i64, &'static str>,
    omitted: BTreeSet<&'static str>,
}

impl Product {
    pub(super) fn new() -> Self {
        let (version, max_results) = (RECORDED.to_owned(), MAX_RESULTS);
        let (lost, omitted) = (BTreeMap::new(), BTreeSet::new());
        Self { settings: Mutex::new(Settings { version, max_results, shows_archived: false, lost, omitted }) }
    }

    /// From now on `GET version` says so; nothing else changes.
    pub fn set_version(&self, version: &str) {
        version.clone_into(&mut self.settings().version);
    }

    /// `MAX_RESULTS`: a limit that is missing, 0, not a number or larger silently becomes this.
    pub fn set_max_results(&self, rows: usize) {
        self.settings().max_results = rows;
    }

    /// The setting "show archived in list": the default list hides archived assets no more.
    pub fn show_archived_in_list(&self, shows_archived: bool) {
        self.settings().shows_archived = shows_archived;
    }

    /// The row that `field` of this asset points to, like its `model`, is gone from the database: null is shown in its place.
    pub fn lose(&self, asset: i64, field: &'static str) {
        self.settings().lost.insert(asset, field);
    }

    /// It is there again.
    pub fn find_again(&self, asset: i64) {
        self.settings().lost.remove(&asset);
    }

    /// From now on no asset's row has this field, as in versions from before it.
    pub fn omit(&self, field: &'static str) {
        self.settings().omitted.insert(field);
    }

    /// The row of this asset as this server shows it.
    pub(super) fn shown(&self, asset: i64, mut row: Value) -> Value {
        let settings = self.settings();
        if let (Some(field), Some(fields)) = (settings.lost.get(&asset), row.as_object_mut()) {
            fields.insert((*field).to_owned(), Value::Null);
        }
        if let Some(fields) = row.as_object_mut() {
            fields.retain(|name, _| !settings.omitted.contains(name.as_str()));
        }
        row
    }

    pub(super) fn version(&self) -> String {
        self.settings().version.clone()
    }

    pub(super) fn shows_archived(&self) -> bool {
        self.settings().shows_archived
    }

    /// The rows of a page.
    pub fn max_results(&self) -> usize {
        self.settings().max_results
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().expect("no panic while the settings are held")
    }
}
