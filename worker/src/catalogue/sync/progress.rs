//! What a full sync has come to, kept so that it can go on.

use super::people::PeopleSeen;
use crate::{
    catalogue::{lists::ModelsSeen, unreadable},
    snipeit::{Page, Unreadable, Visibility},
};
use makerlab_shared::{
    domain::{
        comparison::Missed,
        equipment::Presence,
        inventory::{AssetSeen, SnipeitAssetId},
        unreadable::{RowKind, UnreadableRows},
    },
    store::{borrower_sights::Standing, sync_runs::SyncRun},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Up to where everything is stored; kept in `sync_runs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Of `PASSES`, those that are whole.
    pub(super) passes: usize,
    /// Of the next one.
    pub(super) offset: u64,
    /// Assets that were listed and not understood.
    pub(super) unreadable: Vec<i64>,
    #[serde(default)]
    pub(super) left_out: LeftOut,
    /// Whether the default list shows archived assets too.
    #[serde(default)]
    pub(super) lists_archived: bool,
    #[serde(default)]
    pub(super) people: PeopleSeen,
    #[serde(default)]
    pub(super) told: UnreadableRows,
    pub(super) counts: Counts,
}

/// Assets that were shown and could not be stored, by where they were shown: these the list's total has beside the cache.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LeftOut {
    /// In the default list.
    pub(super) listed: BTreeSet<i64>,
    /// In another, or by themselves alone.
    pub(super) elsewhere: BTreeSet<i64>,
    /// Rows of the default list without a number.
    pub(super) nameless: i64,
}

impl LeftOut {
    fn note(&mut self, page: &Page<AssetSeen>, unplaced: &[SnipeitAssetId], list: Visibility) {
        let unreadable = page.unreadable.iter().map(|row| row.id);
        let ids = unreadable.chain(unplaced.iter().map(|id| Some(id.0)));
        match list {
            Visibility::Default => {
                for id in ids {
                    match id {
                        Some(id) => self.listed.extend([id]),
                        None => self.nameless += 1,
                    }
                }
            }
            Visibility::Archived | Visibility::Deleted => self.elsewhere.extend(ids.flatten()),
        }
    }
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
    /// Some of those.
    vanished: Vec<i64>,
    pub(super) models_gone: u64,
    /// Snipe-IT's users, and how our people stand with them: by e-mail address one of them, several, or nobody.
    users: u64,
    people_matched: i64,
    people_ambiguous: i64,
    people_unknown: i64,
    /// Assets that the cache knew before, beside what was shown now.
    pub(super) compared: usize,
    /// How many of them no sweep had brought up to date.
    missed: usize,
    /// Some of those.
    differences: Vec<Missed>,
}

/// Of what sweeps have missed, and of what is gone, so many are listed.
const MOST_DIFFERENCES: usize = 100;

impl Counts {
    pub(super) fn missed(&mut self, missed: &[Missed]) {
        self.missed += missed.len();
        let room = MOST_DIFFERENCES.saturating_sub(self.differences.len());
        self.differences.extend(missed.iter().take(room).cloned());
    }

    /// An asset that is in Snipe-IT no more.
    pub(super) fn vanished(&mut self, asset: SnipeitAssetId) {
        self.gone += 1;
        if self.vanished.len() < MOST_DIFFERENCES {
            self.vanished.push(asset.0);
        }
    }

    pub(super) fn people(&mut self, users: u64, standing: Standing) {
        self.users = users;
        let Standing { matched, ambiguous, unknown } = standing;
        (self.people_matched, self.people_ambiguous, self.people_unknown) = (matched, ambiguous, unknown);
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

    /// How many of the assets were understood.
    pub(super) fn count_readable(&self) -> usize {
        self.counts.listed + self.counts.archived + self.counts.deleted
    }

    pub(super) fn note_models(&mut self, seen: &ModelsSeen) {
        self.told.extend(&seen.told);
        (self.counts.models, self.counts.unreadable) = (seen.readable, self.told.count);
    }

    pub(super) fn note_unreadable(&mut self, of: RowKind, shown: &[Unreadable]) {
        unreadable::note(&mut self.told, of, shown);
        self.counts.unreadable = self.told.count;
    }

    /// A page of `PASSES` is stored; `next`: where the one behind it begins, if there is one.
    pub(super) fn stored(
        &mut self,
        page: &Page<AssetSeen>,
        unplaced: &[SnipeitAssetId],
        list: Visibility,
        next: Option<u64>,
    ) {
        let rows = page.rows.len();
        match list {
            Visibility::Default => {
                let archived = page.rows.iter().filter(|row| Presence::of(row) == Presence::Archived).count();
                self.counts.listed += rows - archived;
                self.lists_archived |= archived > 0;
            }
            Visibility::Archived => self.counts.archived += rows,
            Visibility::Deleted => self.counts.deleted += rows,
        }
        self.left_out.note(page, unplaced, list);
        self.counts.unplaced += unplaced.len();
        self.note_unreadable(RowKind::Asset, &page.unreadable);
        self.unreadable.extend(page.unreadable.iter().filter_map(|row| row.id));
        match next {
            Some(next) => self.offset = next,
            None => (self.passes, self.offset) = (self.passes + 1, 0),
        }
    }
}
