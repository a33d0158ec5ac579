//! The full sync: labels, models, then the assets of all three lists, page by page into the cache.
//!
//! Plain: a sync that is stopped starts over. Every page that was stored is true by itself; only what no list showed is
//! judged at the end, and each such asset is asked for by itself, because a list that changes while it is read can
//! hide one.

use super::{
    drift,
    identity::{self, Identity},
    labels, rounds,
};
use crate::{
    calls::CallFailure,
    context::Context,
    jobs::{Failure, Handled},
    snipeit::{AssetQuery, AssetSort, ModelSeen, PAGE_SIZE, Page, Read, ReadFailureKind, Visibility},
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        equipment::Presence,
        inventory::{AssetSeen, SnipeitAssetId, SnipeitModelId},
        job::Lane,
    },
    store::{
        catalogue::{self, ModelRow},
        jobs::{RunCounts, TakenJob},
        sync::{self, SyncRun},
    },
};
use serde::Serialize;
use serde_json::json;

const PASSES: [(Visibility, Presence); 3] = [
    (Visibility::Default, Presence::Listed),
    (Visibility::Archived, Presence::Archived),
    (Visibility::Deleted, Presence::Deleted),
];

/// Assets that no list showed are asked for one by one; a lab that removed more waits for the next round.
const MOST_MISSING: i64 = 100;

/// What a round did; kept in `sync_runs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Counts {
    labels: usize,
    models: usize,
    listed: usize,
    archived: usize,
    deleted: usize,
    /// Rows that this version could not understand; they are not gone.
    unreadable: usize,
    /// Assets of a model that no list of models shows.
    unplaced: usize,
    gone: u64,
    models_gone: u64,
}

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
    let run = sync::begin_run(&mut *context.pool.acquire().await?).await?;
    let mut round = Round { context, job, run, counts: Counts::default() };
    let ended = round.go().await;
    round.finish(ended).await
}

struct Round<'a> {
    context: &'a Context,
    job: &'a TakenJob,
    run: SyncRun,
    counts: Counts,
}

impl Round<'_> {
    async fn go(&mut self) -> Result<(), Stopped> {
        if let Identity::Changed(what) = identity::check(self.context).await? {
            return Err(Stopped::OtherInventory(what));
        }
        self.labels().await?;
        let models = self.models().await?;
        let mut unreadable = Vec::new();
        for (visibility, presence) in PASSES {
            self.assets(visibility, presence, &mut unreadable).await?;
        }
        self.missing_assets(&unreadable).await?;
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
        self.counts.labels = page.rows.len();
        Ok(())
    }

    async fn models(&mut self) -> Result<ModelsSeen, Stopped> {
        let mut seen = ModelsSeen::default();
        let mut offset = Some(0);
        while let Some(from) = offset {
            let asked_at = self.keep().await?;
            let read = self.context.read(Lane::Bulk, async |snipeit| snipeit.list_models(from).await).await?;
            let page = read.value;
            let mut conn = self.context.pool.acquire().await?;
            let rows: Vec<ModelRow<'_>> = page.rows.iter().map(model_row).collect();
            sync::upsert_models(&mut conn, &rows, asked_at).await?;
            self.counts.models += page.rows.len();
            self.counts.unreadable += page.unreadable.len();
            seen.note(&page);
            offset = page.next_offset(from);
        }
        Ok(seen)
    }

    async fn assets(
        &mut self,
        visibility: Visibility,
        presence: Presence,
        unreadable: &mut Vec<i64>,
    ) -> Result<(), Stopped> {
        let mut offset = Some(0);
        while let Some(from) = offset {
            let asked_at = self.keep().await?;
            let page = self.read_assets(visibility, from).await?.value;
            crash::pass(CrashPoint::SyncRead);
            let mut conn = self.context.pool.acquire().await?;
            let unplaced = sync::upsert_assets(&mut conn, &page.rows, presence, asked_at).await?;
            drop(conn);
            crash::pass(CrashPoint::SyncStored);
            if !unplaced.is_empty() {
                self.place(&page, &unplaced, presence, asked_at).await?;
            }
            let stored: Vec<SnipeitAssetId> = page.rows.iter().map(|asset| asset.id).collect();
            drift::compare(self.context, &stored).await?;
            self.count(presence, page.rows.len());
            self.counts.unreadable += page.unreadable.len();
            unreadable.extend(page.unreadable.iter().filter_map(|row| row.id));
            offset = page.next_offset(from);
        }
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
            self.counts.unplaced += unplaced.len();
            return Ok(());
        }
        self.counts.models = 0;
        self.models().await?;
        let again: Vec<AssetSeen> = page.rows.iter().filter(|asset| unplaced.contains(&asset.id)).cloned().collect();
        let mut conn = self.context.pool.acquire().await?;
        self.counts.unplaced += sync::upsert_assets(&mut conn, &again, presence, asked_at).await?.len();
        Ok(())
    }

    async fn missing_assets(&mut self, unreadable: &[i64]) -> Result<(), Stopped> {
        let missing = {
            let mut conn = self.context.pool.acquire().await?;
            sync::list_not_seen_since(&mut conn, self.run.started_at, unreadable, MOST_MISSING).await?
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
                        self.counts.gone += sync::mark_assets_gone(&mut conn, &[asset], asked_at).await?;
                    }
                    ReadFailureKind::Malformed { .. } => self.counts.unreadable += 1,
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
            self.counts.models_gone =
                sync::mark_models_gone(&mut conn, self.run.started_at, &models.unreadable).await?;
        }
        Ok(())
    }

    async fn keep(&self) -> Result<DateTime<Utc>, Stopped> {
        rounds::keep(self.context, self.job).await?.ok_or(Stopped::TakenOver)
    }

    fn count(&mut self, presence: Presence, rows: usize) {
        match presence {
            Presence::Listed => self.counts.listed += rows,
            Presence::Archived => self.counts.archived += rows,
            Presence::Deleted => self.counts.deleted += rows,
            Presence::Gone => {}
        }
    }

    async fn finish(self, ended: Result<(), Stopped>) -> Result<Handled, Failure> {
        let interval = self.context.rules.sync_interval;
        match ended {
            Ok(()) => {
                self.note(None).await?;
                crash::pass(CrashPoint::SyncNoted);
                tracing::info!(sync.counts = %json!(self.counts), "The catalogue was read: {} assets", self.counts.listed);
                Ok(Handled::again(interval, "the next full sync", RunCounts::NewRound))
            }
            Err(Stopped::TakenOver) => {
                self.note(Some("another worker has taken it over")).await?;
                Ok(Handled::done("taken_over"))
            }
            Err(Stopped::OtherInventory(what)) => {
                self.note(Some(&what)).await?;
                identity::pause(self.context, &what).await?;
                Ok(Handled::again(interval, what, RunCounts::NewRound))
            }
            Err(Stopped::Failure(failure)) => {
                self.note(Some(&failure_words(&failure))).await?;
                match failure {
                    Failure::Call(call) => {
                        tracing::warn!(
                            error = &call as &dyn std::error::Error,
                            "The full sync was stopped and starts over later"
                        );
                        Ok(rounds::again_after(&call, interval))
                    }
                    other => Err(other),
                }
            }
        }
    }

    async fn note(&self, error: Option<&str>) -> Result<(), Failure> {
        let mut conn = self.context.pool.acquire().await?;
        Ok(sync::finish_run(&mut conn, self.run, &json!(self.counts), error).await?)
    }
}

fn failure_words(failure: &Failure) -> String {
    match failure {
        Failure::Call(call) => call.to_string(),
        other => other.to_string(),
    }
}

/// What the list of models showed, to tell what is not in it.
#[derive(Debug, Default)]
struct ModelsSeen {
    rows: usize,
    total: Option<u64>,
    has_changed: bool,
    unreadable: Vec<SnipeitModelId>,
    has_nameless_row: bool,
}

impl ModelsSeen {
    fn note(&mut self, page: &Page<ModelSeen>) {
        self.rows += page.rows.len() + page.unreadable.len();
        self.has_changed |= self.total.is_some_and(|total| total != page.total);
        self.total = Some(page.total);
        self.has_nameless_row |= page.unreadable.iter().any(|row| row.id.is_none());
        self.unreadable.extend(page.unreadable.iter().filter_map(|row| row.id).map(SnipeitModelId));
    }

    /// Whether a model that was not seen is really not there.
    fn is_whole(&self) -> bool {
        !self.has_changed && !self.has_nameless_row && self.total == Some(self.rows as u64)
    }
}

fn model_row(model: &ModelSeen) -> ModelRow<'_> {
    ModelRow {
        id: model.id,
        name: &model.name,
        model_number: model.number.as_deref(),
        category: model.category.as_deref(),
        manufacturer: model.manufacturer.as_deref(),
    }
}
