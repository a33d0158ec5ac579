//! The full sync: labels, models, then the assets of all three lists, page by page into the cache.
//!
//! A sync that is stopped goes on behind the last page that it has stored. Every page that was stored is true by itself;
//! only what no list showed is judged at the end, and each such asset is asked for by itself, because a list that changes
//! while it is read can hide one.

mod models;
mod progress;

use self::{
    models::{ModelsSeen, model_row},
    progress::Progress,
};
use super::{
    comparison, drift,
    identity::{self, Identity},
    labels, rounds,
};
use crate::{
    calls::CallFailure,
    context::Context,
    jobs::{Failure, Handled},
    snipeit::{AssetQuery, AssetSort, PAGE_SIZE, Page, Read, ReadFailureKind, Visibility},
};
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        equipment::Presence,
        inventory::{AssetSeen, SnipeitAssetId},
        job::Lane,
    },
    store::{
        catalogue::{self, ModelRow},
        jobs::{RunCounts, TakenJob},
        link, sync,
        sync_runs::{self, SyncRun},
    },
};
use serde_json::json;

const PASSES: [(Visibility, Presence); 3] = [
    (Visibility::Default, Presence::Listed),
    (Visibility::Archived, Presence::Archived),
    (Visibility::Deleted, Presence::Deleted),
];

/// Assets that no list showed are asked for one by one; a lab that removed more waits for the next round.
const MOST_MISSING: i64 = 100;

/// What was read longer ago than this is read again rather than gone on from.
const RESUMABLE_FOR: TimeDelta = TimeDelta::hours(1);

/// How a round ended early.
enum Stopped {
    Failure(Failure),
    /// Another worker has the job.
    TakenOver,
    OtherInventory(String),
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
    let run = sync_runs::begin(&mut *context.pool.acquire().await?, RESUMABLE_FOR).await?;
    let mut round = Round { context, job, progress: Progress::of(&run), run };
    let ended = round.go().await;
    round.finish(ended).await
}

struct Round<'a> {
    context: &'a Context,
    job: &'a TakenJob,
    run: SyncRun,
    progress: Progress,
}

impl Round<'_> {
    async fn go(&mut self) -> Result<(), Stopped> {
        if let Identity::Changed(what) = identity::check(self.context).await? {
            return Err(Stopped::OtherInventory(what));
        }
        self.labels().await?;
        let models = self.models().await?;
        while let Some((visibility, presence)) = PASSES.get(self.progress.passes).copied() {
            self.page(visibility, presence).await?;
        }
        link::note_hidden_read(&mut *self.context.pool.acquire().await?, self.run.started_at).await?;
        self.missing_assets().await?;
        self.missing_models(&models).await?;
        identity::remember(self.context).await?;
        crash::pass(CrashPoint::SyncRemembered);
        Ok(())
    }

    async fn labels(&mut self) -> Result<(), Stopped> {
        let asked_at = self.keep().await?;
        let page = self.context.read(Lane::Bulk, async |snipeit| snipeit.list_labels().await).await?.value;
        let mut conn = self.context.pool.acquire().await?;
        sync::upsert_labels(&mut conn, &page.rows, asked_at).await?;
        drop(conn);
        labels::compare(self.context, &page.rows).await?;
        self.progress.counts.labels = page.rows.len();
        Ok(())
    }

    async fn models(&mut self) -> Result<ModelsSeen, Stopped> {
        self.progress.counts.models = 0;
        let mut seen = ModelsSeen::default();
        let mut offset = Some(0);
        while let Some(from) = offset {
            let asked_at = self.keep().await?;
            let read = self.context.read(Lane::Bulk, async |snipeit| snipeit.list_models(from).await).await?;
            let page = read.value;
            let mut conn = self.context.pool.acquire().await?;
            let rows: Vec<ModelRow<'_>> = page.rows.iter().map(model_row).collect();
            sync::upsert_models(&mut conn, &rows, asked_at).await?;
            self.progress.counts.models += page.rows.len();
            self.progress.counts.unreadable += page.unreadable.len();
            seen.note(&page);
            offset = page.next_offset(from);
        }
        Ok(seen)
    }

    /// The next page of the assets.
    async fn page(&mut self, visibility: Visibility, presence: Presence) -> Result<(), Stopped> {
        let asked_at = self.keep().await?;
        let from = self.progress.offset;
        let page = self.read_assets(visibility, from).await?.value;
        crash::pass(CrashPoint::SyncRead);
        let compared = comparison::compare(self.context, &page.rows, presence, asked_at).await?;
        self.progress.counts.compared(compared);
        let unplaced = {
            let mut conn = self.context.pool.acquire().await?;
            sync::upsert_assets(&mut conn, &page.rows, presence, asked_at).await?
        };
        crash::pass(CrashPoint::SyncStored);
        if !unplaced.is_empty() {
            self.place(&page, &unplaced, presence, asked_at).await?;
        }
        let stored: Vec<SnipeitAssetId> = page.rows.iter().map(|asset| asset.id).collect();
        drift::compare(self.context, &stored).await?;
        self.progress.stored(&page, presence, page.next_offset(from));
        let mut conn = self.context.pool.acquire().await?;
        sync_runs::keep(&mut conn, self.run.id, &json!(self.progress), &json!(self.progress.counts)).await?;
        crash::pass(CrashPoint::SyncKept);
        Ok(())
    }

    async fn read_assets(&self, visibility: Visibility, offset: u64) -> Result<Read<Page<AssetSeen>>, CallFailure> {
        let query = AssetQuery { visibility, sort: AssetSort::Id, limit: PAGE_SIZE, offset };
        self.context.read(Lane::Bulk, async |snipeit| snipeit.list_assets(query).await).await
    }

    /// Models may be added while the assets are read. Those of deleted assets may be deleted too: then nobody lends them.
    async fn place(
        &mut self,
        page: &Page<AssetSeen>,
        unplaced: &[SnipeitAssetId],
        presence: Presence,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        if presence == Presence::Deleted {
            self.progress.counts.unplaced += unplaced.len();
            return Ok(());
        }
        self.models().await?;
        let again: Vec<AssetSeen> = page.rows.iter().filter(|asset| unplaced.contains(&asset.id)).cloned().collect();
        let mut conn = self.context.pool.acquire().await?;
        self.progress.counts.unplaced += sync::upsert_assets(&mut conn, &again, presence, asked_at).await?.len();
        Ok(())
    }

    async fn missing_assets(&mut self) -> Result<(), Stopped> {
        let missing = {
            let mut conn = self.context.pool.acquire().await?;
            sync::list_not_seen_since(&mut conn, self.run.started_at, &self.progress.unreadable, MOST_MISSING).await?
        };
        for asset in missing {
            let asked_at = self.keep().await?;
            let shown = self.context.read(Lane::Bulk, async |snipeit| snipeit.show_asset(asset).await).await;
            let mut conn = self.context.pool.acquire().await?;
            match shown {
                Ok(read) => {
                    catalogue::note_seen(&mut conn, &read.value, Presence::of(&read.value), asked_at).await?;
                }
                Err(CallFailure::Read(failure)) => match failure.kind {
                    ReadFailureKind::NotFound { .. } => {
                        self.progress.counts.gone += sync::mark_assets_gone(&mut conn, &[asset], asked_at).await?;
                    }
                    ReadFailureKind::Malformed { .. } => self.progress.counts.unreadable += 1,
                    _ => return Err(CallFailure::Read(failure).into()),
                },
                Err(failure) => return Err(failure.into()),
            }
            drop(conn);
            drift::compare(self.context, &[asset]).await?;
        }
        Ok(())
    }

    async fn missing_models(&mut self, models: &ModelsSeen) -> Result<(), Stopped> {
        if models.is_whole() {
            let mut conn = self.context.pool.acquire().await?;
            self.progress.counts.models_gone =
                sync::mark_models_gone(&mut conn, self.run.started_at, &models.unreadable).await?;
        }
        Ok(())
    }

    async fn keep(&self) -> Result<DateTime<Utc>, Stopped> {
        rounds::keep(self.context, self.job).await?.ok_or(Stopped::TakenOver)
    }

    async fn finish(self, ended: Result<(), Stopped>) -> Result<Handled, Failure> {
        let interval = self.context.rules.sync_interval;
        match ended {
            Ok(()) => {
                self.close(None).await?;
                crash::pass(CrashPoint::SyncNoted);
                tracing::info!(sync.counts = %json!(self.progress.counts), "The catalogue was read: {} assets", self.progress.counts.listed);
                Ok(Handled::again(interval, "the next full sync", RunCounts::NewRound))
            }
            // The run is the other's too.
            Err(Stopped::TakenOver) => Ok(Handled::done("taken_over")),
            Err(Stopped::OtherInventory(what)) => {
                self.close(Some(&what)).await?;
                identity::pause(self.context, &what).await?;
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

    async fn close(&self, error: Option<&str>) -> Result<(), Failure> {
        let mut conn = self.context.pool.acquire().await?;
        Ok(sync_runs::finish(&mut conn, self.run.id, &json!(self.progress.counts), error).await?)
    }

    async fn stop(&self, error: &str) -> Result<(), Failure> {
        let mut conn = self.context.pool.acquire().await?;
        Ok(sync_runs::stop(&mut conn, self.run.id, &json!(self.progress.counts), error).await?)
    }
}

fn failure_words(failure: &Failure) -> String {
    match failure {
        Failure::Call(call) => call.to_string(),
        other => other.to_string(),
    }
}
