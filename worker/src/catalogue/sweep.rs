//! The sweep: one call about once a minute for everything that changed lately, and for the effects of ours in it.
//!
//! Snipe-IT's dates have whole seconds, so rows of the cursor's own second may have been missed: each sweep goes back
//! a little behind it. Its default list hides what is archived or deleted: those lists are read less often, and effects
//! that no list shows are looked up one by one.

mod hidden;

use super::{drift, identity, rounds};
use crate::{
    calls::CallFailure,
    context::Context,
    jobs::{Failure, Handled},
    labels,
    snipeit::{AssetQuery, AssetSort, PAGE_SIZE, ReadFailureKind, Visibility},
};
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        equipment::Presence,
        finding::FindingKind,
        id::OperationId,
        inventory::{AssetSeen, SnipeitAssetId},
        job::{JobKind, Lane},
        operation::{Confirmation, Operation, find_zone_error, is_repeated_hour},
    },
    store::{
        catalogue,
        commit::commit,
        dossier,
        jobs::{self, RunCounts, TakenJob},
        link::{self, Link},
        operations, sweep, sync,
    },
};
use std::collections::BTreeMap;

/// Rows of the cursor's second, and of the one before if a slow transaction was in between.
const OVERLAP: Duration = Duration::seconds(2);
/// Looked up one by one per sweep.
const MOST_LOOKS: i64 = 5;
/// A sweep that is further behind leaves the rest to a full sync.
const MOST_PAGES: usize = 10;

/// Why a sweep ended early.
enum Stopped {
    Failure(Failure),
    TakenOver,
    /// Calls are paused and people are told already.
    WrongZone {
        words: String,
    },
}

impl<E: Into<Failure>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failure(error.into())
    }
}

/// Job `sweep`.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let link = link::load(&mut *context.pool.acquire().await?).await?;
    let interval = context.rules.sweep_interval;
    if let Some(pause) = link.pause {
        return Ok(Handled::again(interval, pause.cause, RunCounts::GivenBack));
    }
    let mut round = Round { context, job, link, seen: Vec::new(), newest: None, began_at: None, listed: None };
    match round.go().await {
        Ok(()) => Ok(Handled::again(interval, "the next sweep", RunCounts::NewRound)),
        Err(Stopped::TakenOver) => Ok(Handled::done("taken_over")),
        Err(Stopped::WrongZone { words }) => Ok(Handled::again(interval, words, RunCounts::NewRound)),
        Err(Stopped::Failure(Failure::Call(call))) => {
            tracing::warn!(error = &call as &dyn std::error::Error, "The sweep was stopped and comes again later");
            Ok(rounds::again_after(&call, interval))
        }
        Err(Stopped::Failure(other)) => Err(other),
    }
}

struct Round<'a> {
    context: &'a Context,
    job: &'a TakenJob,
    link: Link,
    /// Assets that were on the pages.
    seen: Vec<SnipeitAssetId>,
    newest: Option<NaiveDateTime>,
    /// When the first page was asked for.
    began_at: Option<DateTime<Utc>>,
    /// How many assets the default list has.
    listed: Option<u64>,
}

impl Round<'_> {
    async fn go(&mut self) -> Result<(), Stopped> {
        let is_caught_up = self.read_pages().await? & self.read_hidden().await?;
        self.look_elsewhere().await?;
        drift::look_again(self.context).await?;
        let mut conn = self.context.pool.acquire().await?;
        link::note_swept(&mut conn, self.newest, self.began_at.filter(|_| is_caught_up)).await?;
        if let Some(total) = self.listed {
            link::note_listed(&mut conn, total).await?;
        }
        crash::pass(CrashPoint::SweepNoted);
        if !is_caught_up {
            jobs::hurry_kind(&mut conn, JobKind::SyncCatalogue).await?;
            self.context.waker.wake();
        }
        drop(conn);
        Ok(labels::order(self.context).await?)
    }

    /// Goes on only while whole pages are newer than the cursor. `false`: there was more than a sweep reads.
    async fn read_pages(&mut self) -> Result<bool, Stopped> {
        let cursor = self.cursor();
        let mut offset = 0;
        for _ in 0..MOST_PAGES {
            let asked_at = self.keep().await?;
            self.began_at.get_or_insert(asked_at);
            let query =
                AssetQuery { visibility: Visibility::Default, sort: AssetSort::UpdatedAt, limit: PAGE_SIZE, offset };
            let page = self.context.read(Lane::Bulk, async |snipeit| snipeit.list_assets(query).await).await?.value;
            crash::pass(CrashPoint::SweepRead);
            self.listed.get_or_insert(page.total);
            self.note_page(&page.rows, cursor, asked_at).await?;
            // Ties with the cursor end it too: a whole lab imported in one second must not be paged through each time.
            let reaches_back = cursor.is_none_or(|cursor| page.rows.iter().any(|row| row.updated_at <= Some(cursor)));
            match page.next_offset(offset) {
                Some(next) if !reaches_back => offset = next,
                Some(_) | None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// From where on changes count. `None`: this is the first sweep, and one page will do.
    fn cursor(&self) -> Option<NaiveDateTime> {
        let cursor = self.link.swept_to?;
        // In the hour that occurs twice, dates go back by up to an hour.
        let back = if is_repeated_hour(cursor, self.zone()) { Duration::hours(1) } else { Duration::zero() };
        Some(cursor - back)
    }

    async fn note_page(
        &mut self,
        rows: &[AssetSeen],
        cursor: Option<NaiveDateTime>,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        let since = cursor.map(|cursor| cursor - OVERLAP);
        let changed: Vec<AssetSeen> =
            rows.iter().filter(|asset| since.is_none() || asset.updated_at >= since).cloned().collect();
        self.newest = self.newest.max(rows.iter().filter_map(|asset| asset.updated_at).max());
        self.note_rows(rows, &changed, Presence::Listed, asked_at).await
    }

    /// `rows` were on a page; those that `changed` are stored and compared with our record.
    async fn note_rows(
        &mut self,
        rows: &[AssetSeen],
        changed: &[AssetSeen],
        presence: Presence,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        {
            let mut conn = self.context.pool.acquire().await?;
            // What has no model yet comes with the next full sync.
            sync::upsert_assets(&mut conn, changed, presence, asked_at).await?;
        }
        crash::pass(CrashPoint::SweepStored);
        let by_id: BTreeMap<SnipeitAssetId, &AssetSeen> = rows.iter().map(|asset| (asset.id, asset)).collect();
        self.seen.extend(by_id.keys());
        self.confirm(&by_id, asked_at).await?;
        let changed: Vec<SnipeitAssetId> = changed.iter().map(|asset| asset.id).collect();
        Ok(drift::compare(self.context, &changed).await?)
    }

    /// Compares the effects on these assets that nobody has seen yet.
    async fn confirm(
        &self,
        by_id: &BTreeMap<SnipeitAssetId, &AssetSeen>,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        let assets: Vec<SnipeitAssetId> = by_id.keys().copied().collect();
        let awaited = sweep::list_unconfirmed_of(&mut *self.context.pool.acquire().await?, &assets).await?;
        for effect in awaited {
            self.settle(effect.operation, by_id.get(&effect.asset).copied(), asked_at).await?;
        }
        Ok(())
    }

    async fn settle(&self, id: OperationId, seen: Option<&AssetSeen>, asked_at: DateTime<Utc>) -> Result<(), Stopped> {
        let mut transaction = self.context.pool.begin().await?;
        let Some(dossier) = dossier::load_for_operation(&mut transaction, id).await? else { return Ok(()) };
        let Some(operation) = dossier.find_operation(id).cloned() else { return Ok(()) };
        let (change, zone_error) = match dossier.compare(id, seen, asked_at) {
            Confirmation::NotYet => return Ok(()),
            Confirmation::Confirmed => {
                let now = operations::now(&mut transaction).await?;
                (dossier.confirm(id, now), self.find_zone_error(seen, &operation, asked_at))
            }
            Confirmation::NotSeen => {
                tracing::warn!(operation.id = %id, asset.id = %operation.asset, "The effect of {id} is not to be seen in Snipe-IT");
                (dossier.effect_not_seen(id, seen), None)
            }
        };
        commit(&mut transaction, &change).await?;
        // What is confirmed is not compared again: a wrong zone has to be told of in the same breath.
        let zone_words = zone_error.map(|error| zone_words(self.context, error));
        if let Some(words) = &zone_words {
            identity::raise(&mut transaction, self.context, FindingKind::ClockOrZoneWrong, words).await?;
        }
        crash::pass(CrashPoint::SweepBeforeCommit);
        transaction.commit().await?;
        crash::pass(CrashPoint::SweepAfterCommit);
        zone_words.map_or(Ok(()), |words| Err(Stopped::WrongZone { words }))
    }

    fn find_zone_error(
        &self,
        seen: Option<&AssetSeen>,
        operation: &Operation,
        asked_at: DateTime<Utc>,
    ) -> Option<Duration> {
        find_zone_error(seen?.updated_at?, self.zone(), operation, asked_at, self.link.clock_offset)
    }

    /// Effects on assets that no page showed: archived, deleted, or changed long ago.
    async fn look_elsewhere(&self) -> Result<(), Stopped> {
        let assets = {
            let mut conn = self.context.pool.acquire().await?;
            sweep::list_unconfirmed_elsewhere(&mut conn, &self.seen, MOST_LOOKS).await?
        };
        for id in assets {
            let asked_at = self.keep().await?;
            let seen = match self.context.read(Lane::Bulk, async |snipeit| snipeit.show_asset(id).await).await {
                Ok(read) => Some(read.value),
                Err(CallFailure::Read(failure)) => match failure.kind {
                    ReadFailureKind::NotFound { .. } => None,
                    ReadFailureKind::Malformed { .. } => continue,
                    _ => return Err(CallFailure::Read(failure).into()),
                },
                Err(failure) => return Err(failure.into()),
            };
            self.note_look(id, seen.as_ref(), asked_at).await?;
        }
        Ok(())
    }

    async fn note_look(
        &self,
        id: SnipeitAssetId,
        seen: Option<&AssetSeen>,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        let awaited = {
            let mut conn = self.context.pool.acquire().await?;
            if let Some(seen) = seen {
                catalogue::note_seen(&mut conn, seen, Presence::of(seen), asked_at).await?;
            }
            sweep::list_unconfirmed_of(&mut conn, &[id]).await?
        };
        for effect in awaited {
            self.settle(effect.operation, seen, asked_at).await?;
        }
        Ok(drift::compare(self.context, &[id]).await?)
    }

    async fn keep(&self) -> Result<DateTime<Utc>, Stopped> {
        rounds::keep(self.context, self.job).await?.ok_or(Stopped::TakenOver)
    }

    fn zone(&self) -> chrono_tz::Tz {
        self.context.zones.snipeit_timezone
    }
}

fn zone_words(context: &Context, error: Duration) -> String {
    let (zone, minutes) = (context.zones.snipeit_timezone, error.num_minutes());
    format!(
        "SNIPEIT_TIMEZONE is {zone}, but Snipe-IT's dates are {minutes} minutes off by it: set it to Snipe-IT's \
         APP_TIMEZONE, restart the workers, then settle the finding with `retried`"
    )
}
