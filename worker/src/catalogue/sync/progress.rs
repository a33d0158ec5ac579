//! What a full sync has come to, kept so that it can go on.

use crate::{catalogue::comparison::Compared, snipeit::Page};
use makerlab_shared::{
    domain::{comparison::Missed, equipment::Presence, inventory::AssetSeen},
    store::sync_runs::SyncRun,
};
use serde::{Deserialize, Serialize};

/// Up to where everything is stored; kept in `sync_runs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Of `PASSES`, those that are whole.
    pub(super) passes: usize,
    /// Of the next one.
    pub(super) offset: u64,
    /// Assets that were listed and not understood.
    pub(super) unreadable: Vec<i64>,
    pub(super) counts: Counts,
}

/// What a round did; kept in `sync_runs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    /// How often it was stopped and gone on with.
    pub(super) resumed: usize,
    pub(super) labels: usize,
    pub(super) models: usize,
    pub(super) listed: usize,
    pub(super) archived: usize,
    pub(super) deleted: usize,
    /// Rows that this version could not understand; they are not gone.
    pub(super) unreadable: usize,
    /// Assets of a model that no list of models shows.
    pub(super) unplaced: usize,
    pub(super) gone: u64,
    pub(super) models_gone: u64,
    /// Assets that the cache knew before, beside what was shown now.
    compared: usize,
    /// How many of them no sweep had brought up to date.
    missed: usize,
    /// Some of those.
    differences: Vec<Missed>,
}

/// Of what sweeps have missed, so many are listed.
const MOST_DIFFERENCES: usize = 100;

impl Counts {
    pub(super) fn compared(&mut self, page: Compared) {
        self.compared += page.known;
        self.missed += page.missed.len();
        let room = MOST_DIFFERENCES.saturating_sub(self.differences.len());
        self.differences.extend(page.missed.into_iter().take(room));
    }
}

impl Progress {
    /// What another version has kept, and this one cannot read, begins anew.
    pub(super) fn of(run: &SyncRun) -> Self {
        let kept = run.progress.clone().and_then(|kept| serde_json::from_value::<Self>(kept).ok());
        let Some(mut kept) = kept else { return Self::default() };
        kept.counts.resumed += 1;
        kept
    }

    /// A page of `PASSES` is stored; `next`: where the one behind it begins, if there is one.
    pub(super) fn stored(&mut self, page: &Page<AssetSeen>, presence: Presence, next: Option<u64>) {
        let rows = page.rows.len();
        match presence {
            Presence::Listed => self.counts.listed += rows,
            Presence::Archived => self.counts.archived += rows,
            Presence::Deleted => self.counts.deleted += rows,
            Presence::Gone => {}
        }
        self.counts.unreadable += page.unreadable.len();
        self.unreadable.extend(page.unreadable.iter().filter_map(|row| row.id));
        match next {
            Some(next) => self.offset = next,
            None => (self.passes, self.offset) = (self.passes + 1, 0),
        }
    }
}
