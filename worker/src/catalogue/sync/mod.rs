//! The full sync: labels, models, then the assets of all three lists, page by page into the cache, and who of Snipe-IT's
//! users is known here. Once a night it is the full comparison of the day.
//!
//! A sync that is stopped goes on behind the last page that it has stored. Every page that was stored is true by itself;
//! only what no list showed is judged at the end, and each such asset is asked for by itself, because a list that changes
//! while it is read can hide one.

mod people;
mod progress;

use self::progress::{LeftOut, Progress};
use super::{
    comparison::{self, PageRead},
    drift,
    identity::{self, Identity},
    lists::{self, ModelsSeen},
    rounds, unreadable,
};
use crate::{
    calls::CallFailure,
    context::Context,
    jobs::{Failure, Handled},
    snipeit::{AssetQuery, AssetSort, PAGE_SIZE, Page, Read, ReadFailureKind, Unreadable, Visibility},
};
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        comparison::Missed,
        inventory::{AssetSeen, SnipeitAssetId},
        night::{next_night, night_of},
        unreadable::RowKind,
    },
    store::{
        catalogue, clock,
        jobs::{RunCounts, TakenJob},
        link, sync,
        sync_runs::{self, End, SyncRun},
    },
};
use serde_json::json;
use sqlx::PgConnection;
use std::{collections::BTreeSet, time::Duration};

const PASSES: [Visibility; 3] = [Visibility::Default, Visibility::Archived, Visibility::Deleted];

/// Assets that no list showed are asked for one by one, so many between two questions to the cache.
const MOST_MISSING: i64 = 100;

/// What was read longer ago than this is read again rather than gone on from.
const RESUMABLE_FOR: TimeDelta = TimeDelta::hours(1);

const NIGHTLY: &str = "the nightly comparison";

/// How a round ended early.
enum Stopped {
    Failure(Failure),
    /// Another worker has the job.
    TakenOver,
    OtherInventory(String),
    /// Nothing in a list was understood.
    Unreadable(String),
}

impl<E: Into<Failure>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failure(error.into())
    }
}

/// Job `sync_catalogue`.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    if let Some(cause) = rounds::find_pause(context).await? {
        return Ok(Handled::again(context.times.probe_interval, cause, RunCounts::GivenBack));
    }
    let (run, was_whole) = {
        let mut conn = context.pool.acquire().await?;
        let night = night_of(clock::now(&mut conn).await?, context.zones.lab_timezone);
        let run = sync_runs::begin(&mut conn, RESUMABLE_FOR, night).await?;
        (run, sync_runs::find_last_whole(&mut conn).await?.is_some())
    };
    let progress = Progress::of(&run);
    let mut round = Round { context, job, progress, run, models: ModelsSeen::default(), was_whole };
    let ended = round.go().await;
    round.finish(ended).await
}

struct Round<'a> {
    context: &'a Context,
    job: &'a TakenJob,
    run: SyncRun,
    progress: Progress,
    models: ModelsSeen,
    /// A full sync has come to its end before.
    was_whole: bool,
}

impl Round<'_> {
    async fn go(&mut self) -> Result<(), Stopped> {
        is_ours(identity::check(self.context).await?)?;
        self.labels().await?;
        self.models().await?;
        while let Some(list) = PASSES.get(self.progress.passes).copied() {
            self.page(list).await?;
        }
        self.check_readable(RowKind::Asset, self.progress.count_readable())?;
        self.missing_assets().await?;
        self.progress.counts.models_gone = self.models.mark_gone(self.context).await?;
        self.note_read().await?;
        self.people().await?;
        is_ours(identity::remember(self.context).await?)?;
        crash::pass(CrashPoint::SyncRemembered);
        Ok(())
    }

    async fn labels(&mut self) -> Result<(), Stopped> {
        let behind = comparison::compare_labels(self.context).await?;
        comparison::tell(&behind);
        self.progress.counts.missed(&behind);
        let asked_at = self.keep().await?;
        let labels = lists::read_labels(self.context, asked_at).await?;
        self.progress.counts.labels = labels.rows.len();
        self.progress.note_unreadable(RowKind::Label, &labels.unreadable);
        Ok(())
    }

    async fn models(&mut self) -> Result<(), Stopped> {
        self.models = lists::read_models(self.context, self.job).await?.ok_or(Stopped::TakenOver)?;
        self.progress.note_models(&self.models);
        self.check_readable(RowKind::Model, self.models.readable)
    }

    /// Of a list in which nothing can be understood nothing is known: another version of Snipe-IT than this one reads.
    fn check_readable(&self, of: RowKind, readable: usize) -> Result<(), Stopped> {
        match self.progress.told.find_first(of) {
            Some(row) if readable == 0 => {
                Err(Stopped::Unreadable(format!("no {of} that Snipe-IT lists can be understood: {}", row.what)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What has changed before the run began is known now, also where sweeps had to give up.
    async fn note_read(&self) -> Result<(), Stopped> {
        let began_at = self.run.started_at;
        let mut conn = self.context.pool.acquire().await?;
        let clock = self.context.snipeit_clock(&link::load(&mut conn).await?);
        link::note_synced(&mut conn, clock.wall(began_at), began_at).await?;
        link::note_hidden_read(&mut conn, began_at).await?;
        link::note_lists_archived(&mut conn, self.progress.lists_archived).await?;
        Ok(link::note_lists_read(&mut conn, began_at).await?)
    }

    /// The next page of the assets.
    async fn page(&mut self, list: Visibility) -> Result<(), Stopped> {
        let asked_at = self.keep().await?;
        let from = self.progress.offset;
        let page = self.read_assets(list, from).await?.value;
        crash::pass(CrashPoint::SyncRead);
        let read = PageRead { list, asked_at, was_whole: self.was_whole };
        let compared = comparison::compare(self.context, &page.rows, read).await?;
        let mut unplaced = self.store(&page.rows, &compared.missed, asked_at).await?;
        crash::pass(CrashPoint::SyncStored);
        if !unplaced.is_empty() {
            unplaced = self.place(&page, unplaced, &compared.missed, asked_at).await?;
        }
        self.progress.counts.compared += compared.known;
        let stored: Vec<SnipeitAssetId> = page.rows.iter().map(|asset| asset.id).collect();
        drift::compare(self.context, &stored).await?;
        self.progress.stored(&page, &unplaced, list, page.next_offset(from));
        self.keep_progress().await?;
        crash::pass(CrashPoint::SyncKept);
        Ok(())
    }

    /// What was missed of the rows is kept together with them: once they are stored, nothing differs any more. Returns those
    /// whose model is not known.
    async fn store(
        &mut self,
        rows: &[AssetSeen],
        missed: &[Missed],
        asked_at: DateTime<Utc>,
    ) -> Result<Vec<SnipeitAssetId>, Stopped> {
        let mut transaction = self.context.pool.begin().await?;
        let unplaced = sync::upsert_assets(&mut transaction, rows, asked_at).await?;
        let is_stored = |id: SnipeitAssetId| rows.iter().any(|row| row.id == id) && !unplaced.contains(&id);
        let missed: Vec<Missed> = missed.iter().filter(|missed| is_stored(missed.snipeit_asset_id)).cloned().collect();
        if !missed.is_empty() {
            self.progress.counts.missed(&missed);
            self.keep_progress_in(&mut transaction).await?;
        }
        transaction.commit().await?;
        comparison::tell(&missed);
        Ok(unplaced)
    }

    /// From here on it can be gone on with.
    async fn keep_progress(&self) -> Result<(), Stopped> {
        self.keep_progress_in(&mut *self.context.pool.acquire().await?).await
    }

    async fn keep_progress_in(&self, conn: &mut PgConnection) -> Result<(), Stopped> {
        Ok(sync_runs::keep(conn, self.run.id, &json!(self.progress), &json!(self.progress.counts)).await?)
    }

    async fn read_assets(&self, visibility: Visibility, offset: u64) -> Result<Read<Page<AssetSeen>>, CallFailure> {
        let query = AssetQuery { visibility, sort: AssetSort::Id, limit: PAGE_SIZE, offset };
        self.context.read_for_sync(async |snipeit| snipeit.list_assets(query).await).await
    }

    /// Returns what is still unplaced. Models may be added while the assets are read. Others that nobody knows are in no
    /// list: those of deleted assets may be deleted too, and then nobody lends them.
    async fn place(
        &mut self,
        page: &Page<AssetSeen>,
        unplaced: Vec<SnipeitAssetId>,
        missed: &[Missed],
        asked_at: DateTime<Utc>,
    ) -> Result<Vec<SnipeitAssetId>, Stopped> {
        let is_new = |asset: &&AssetSeen| unplaced.contains(&asset.id) && self.models.may_be_new(asset.model_id);
        let of_new_model: Vec<AssetSeen> = page.rows.iter().filter(is_new).cloned().collect();
        if of_new_model.is_empty() {
            return Ok(unplaced);
        }
        lists::read_new_models(self.context, self.job, &self.models).await?.ok_or(Stopped::TakenOver)?;
        self.models.looked_for(of_new_model.iter().map(|asset| asset.model_id).max());
        let left = self.store(&of_new_model, missed, asked_at).await?;
        let is_placed = |id: &SnipeitAssetId| of_new_model.iter().any(|asset| asset.id == *id) && !left.contains(id);
        Ok(unplaced.into_iter().filter(|id| !is_placed(id)).collect())
    }

    async fn missing_assets(&mut self) -> Result<(), Stopped> {
        loop {
            let missing = {
                let mut conn = self.context.pool.acquire().await?;
                let except = &self.progress.unreadable;
                sync::list_not_seen_since(&mut conn, self.run.started_at, except, MOST_MISSING).await?
            };
            if missing.is_empty() {
                return Ok(());
            }
            for asset in missing {
                self.missing_asset(asset).await?;
            }
        }
    }

    async fn missing_asset(&mut self, asset: SnipeitAssetId) -> Result<(), Stopped> {
        let asked_at = self.keep().await?;
        let shown = self.context.read_for_sync(async |snipeit| snipeit.show_asset(asset).await).await;
        let mut conn = self.context.pool.acquire().await?;
        match shown {
            Ok(read) => catalogue::note_seen(&mut conn, &read.value, asked_at).await?,
            Err(CallFailure::Read(failure)) => match failure.kind {
                ReadFailureKind::NotFound { .. } => {
                    if sync::mark_assets_gone(&mut conn, &[asset], asked_at).await? > 0 {
                        self.progress.counts.vanished(asset);
                    }
                }
                ReadFailureKind::Malformed { what } => {
                    let row = Unreadable { id: Some(asset.0), what, updated_at: None };
                    self.progress.note_unreadable(RowKind::Asset, &[row]);
                    self.progress.unreadable.push(asset.0);
                    self.progress.left_out.elsewhere.insert(asset.0);
                }
                _ => return Err(CallFailure::Read(failure).into()),
            },
            Err(failure) => return Err(failure.into()),
        }
        drop(conn);
        Ok(drift::compare(self.context, &[asset]).await?)
    }

    async fn keep(&self) -> Result<DateTime<Utc>, Stopped> {
        rounds::keep(self.context, self.job).await?.ok_or(Stopped::TakenOver)
    }

    async fn finish(self, ended: Result<(), Stopped>) -> Result<Handled, Failure> {
        let interval = self.context.rules.sync_interval;
        match ended {
            Ok(()) => {
                unreadable::tell_all(self.context, &self.progress.told).await?;
                self.close_whole().await?;
                crash::pass(CrashPoint::SyncNoted);
                tracing::info!(sync.counts = %json!(self.progress.counts), "The catalogue was read: {} assets", self.progress.counts.listed);
                self.come_again().await
            }
            // The run is the other's too.
            Err(Stopped::TakenOver) => Ok(Handled::done("taken_over")),
            Err(Stopped::OtherInventory(what)) => {
                self.close(End::InVain { error: &what }).await?;
                identity::pause(self.context, &what).await?;
                Ok(Handled::again(interval, what, RunCounts::NewRound))
            }
            Err(Stopped::Unreadable(what)) => {
                unreadable::tell_all(self.context, &self.progress.told).await?;
                self.close(End::InVain { error: &what }).await?;
                Ok(Handled::again(interval, what, RunCounts::NewRound))
            }
            Err(Stopped::Failure(failure)) => {
                self.stop(&failure_words(&failure)).await?;
                match failure {
                    Failure::Call(call) => {
                        tracing::warn!(
                            error = &call as &dyn std::error::Error,
                            "The full sync was stopped and goes on later"
                        );
                        Ok(rounds::again_after(&call, interval))
                    }
                    other => Err(other),
                }
            }
        }
    }

    /// After the interval, or when the next night begins; at once if a night has begun meanwhile.
    async fn come_again(&self) -> Result<Handled, Failure> {
        let (interval, zone) = (self.context.rules.sync_interval, self.context.zones.lab_timezone);
        let mut conn = self.context.pool.acquire().await?;
        let now = clock::now(&mut conn).await?;
        if !sync_runs::is_compared(&mut conn, night_of(now, zone)).await? {
            return Ok(Handled::again(Duration::ZERO, NIGHTLY, RunCounts::NewRound));
        }
        let night = next_night(now, zone);
        Ok(match (night - now).to_std() {
            Ok(wait) if wait < interval => Handled::at_lab_time(night, NIGHTLY),
            Ok(_) | Err(_) => Handled::again(interval, "the next full sync", RunCounts::NewRound),
        })
    }

    async fn close_whole(&self) -> Result<(), Failure> {
        let LeftOut { listed, elsewhere, nameless } = &self.progress.left_out;
        let ids = |ids: &BTreeSet<i64>| ids.iter().copied().collect::<Vec<_>>();
        let left_out = {
            let mut conn = self.context.pool.acquire().await?;
            sync::count_left_out(&mut conn, &ids(listed), &ids(elsewhere)).await?
        };
        self.close(End::Whole { left_out: left_out + nameless }).await
    }

    async fn close(&self, end: End<'_>) -> Result<(), Failure> {
        let mut conn = self.context.pool.acquire().await?;
        Ok(sync_runs::finish(&mut conn, self.run.id, &json!(self.progress.counts), end).await?)
    }

    async fn stop(&self, error: &str) -> Result<(), Failure> {
        let mut conn = self.context.pool.acquire().await?;
        Ok(sync_runs::stop(&mut conn, self.run.id, &json!(self.progress.counts), error).await?)
    }
}

fn is_ours(identity: Identity) -> Result<(), Stopped> {
    match identity {
        Identity::Known => Ok(()),
        Identity::Changed(what) => Err(Stopped::OtherInventory(what)),
    }
}

fn failure_words(failure: &Failure) -> String {
    match failure {
        Failure::Call(call) => call.to_string(),
        other => other.to_string(),
    }
}
