//! The sweep: one call about once a minute for everything that changed lately, and for the effects of ours in it.
//!
//! Each sweep goes back a little behind its cursor. Snipe-IT's default list hides what is archived or deleted: those lists
//! are read less often, and so are labels and models; effects that no list shows are looked up one by one.

mod effects;
mod hidden;
mod lists;
mod vanished;

use super::{drift, rounds, unreadable};
use crate::{
    context::Context,
    jobs::{Failure, Handled},
    labels,
    snipeit::{AssetQuery, AssetSort, PAGE_SIZE, Page, Visibility},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        equipment::Presence,
        inventory::{AssetSeen, SnipeitAssetId},
        job::{JobKind, Lane},
        sweep_cursor::{SweepCursor, newest_change},
        unreadable::{RowKind, UnreadableRows},
    },
    store::{
        jobs::{self, RunCounts, TakenJob},
        link::{self, Link},
        sync,
    },
};
use std::collections::BTreeMap;

/// A sweep that is further behind leaves it to a full sync; its cursor stays where it is until then.
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
    let mut round = Round {
        context,
        job,
        link,
        seen: Vec::new(),
        newest: None,
        began_at: None,
        listed: None,
        paged_at: None,
        unreadable: UnreadableRows::default(),
    };
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
    listed: Option<i64>,
    /// When a page behind the first one of a list was last asked for.
    paged_at: Option<DateTime<Utc>>,
    unreadable: UnreadableRows,
}

impl Round<'_> {
    async fn go(&mut self) -> Result<(), Stopped> {
        let is_caught_up = self.read_pages().await? & self.read_hidden().await?;
        self.read_lists().await?;
        let is_complete = is_caught_up && self.look_for_vanished().await?;
        self.look_elsewhere().await?;
        drift::look_again(self.context).await?;
        unreadable::tell_more(self.context, &self.unreadable).await?;
        let is_owed = self.is_sync_owed().await?;
        let mut conn = self.context.pool.acquire().await?;
        if let Some(asked_at) = self.paged_at {
            link::note_paged(&mut conn, asked_at).await?;
        }
        if let Some(asked_at) = self.began_at.filter(|_| is_caught_up) {
            link::note_swept(&mut conn, self.newest, asked_at).await?;
        }
        crash::pass(CrashPoint::SweepNoted);
        if !is_complete || is_owed {
            jobs::hurry_kind(&mut conn, JobKind::SyncCatalogue).await?;
            self.context.waker.wake();
        }
        drop(conn);
        Ok(labels::order(self.context).await?)
    }

    /// Goes on only while whole pages are newer than the cursor. `false`: there was more than a sweep reads.
    async fn read_pages(&mut self) -> Result<bool, Stopped> {
        let mut offset = 0;
        for _ in 0..MOST_PAGES {
            let asked_at = self.keep().await?;
            self.began_at.get_or_insert(asked_at);
            self.note_asked(offset, asked_at);
            let query =
                AssetQuery { visibility: Visibility::Default, sort: AssetSort::UpdatedAt, limit: PAGE_SIZE, offset };
            let page = self.context.read(Lane::Bulk, async |snipeit| snipeit.list_assets(query).await).await?.value;
            crash::pass(CrashPoint::SweepRead);
            self.listed.get_or_insert(i64::try_from(page.total).unwrap_or(i64::MAX));
            let cursor = self.cursor().await?;
            self.note_page(&page, cursor, asked_at).await?;
            let is_old = |at: Option<NaiveDateTime>| cursor.is_none_or(|cursor| at <= Some(cursor.border));
            match page.next_offset(offset) {
                Some(next) if !reaches_back(&page, is_old) => offset = next,
                Some(_) | None => return Ok(true),
            }
        }
        Ok(false)
    }

    fn note_asked(&mut self, offset: u64, asked_at: DateTime<Utc>) {
        if offset > 0 {
            self.paged_at = Some(asked_at);
        }
    }

    /// From where on changes count, by Snipe-IT's clock as the page has just shown it. `None`: nothing was read yet, and one
    /// page will do.
    async fn cursor(&mut self) -> Result<Option<SweepCursor>, Stopped> {
        let now = link::load(&mut *self.context.pool.acquire().await?).await?;
        (self.link.clock_offset, self.link.least_offset) = (now.clock_offset, now.least_offset);
        let clock = self.context.slowest_snipeit_clock(&self.link);
        let read = self.link.swept_to.zip(self.link.swept_at);
        Ok(read.map(|(swept_to, swept_at)| SweepCursor::behind(swept_to, swept_at, clock)))
    }

    async fn note_page(
        &mut self,
        page: &Page<AssetSeen>,
        cursor: Option<SweepCursor>,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        let is_changed =
            |asset: &&AssetSeen| cursor.is_none_or(|cursor| asset.updated_at.is_some_and(|at| at >= cursor.since));
        let (mut changed, unchanged): (Vec<&AssetSeen>, Vec<&AssetSeen>) = page.rows.iter().partition(is_changed);
        changed.extend(self.find_awaited(unchanged).await?);
        let changed: Vec<AssetSeen> = changed.into_iter().cloned().collect();
        self.newest =
            self.newest.max(newest_change(dates(page).flatten(), asked_at, self.context.snipeit_clock(&self.link)));
        unreadable::note(&mut self.unreadable, RowKind::Asset, &page.unreadable);
        if !self.link.lists_archived && page.rows.iter().any(|row| Presence::of(row) == Presence::Archived) {
            self.link.lists_archived = true;
            link::note_lists_archived(&mut *self.context.pool.acquire().await?, true).await?;
        }
        self.note_rows(&page.rows, &changed, asked_at).await
    }

    /// `rows` were on a page; those that `changed` are stored and compared with our record.
    async fn note_rows(
        &mut self,
        rows: &[AssetSeen],
        changed: &[AssetSeen],
        asked_at: DateTime<Utc>,
    ) -> Result<(), Stopped> {
        let unplaced = {
            let mut conn = self.context.pool.acquire().await?;
            sync::upsert_assets(&mut conn, changed, asked_at).await?
        };
        let placed = self.place(changed, &unplaced).await?;
        if !placed.is_empty() {
            let mut conn = self.context.pool.acquire().await?;
            sync::upsert_assets(&mut conn, &placed, asked_at).await?;
        }
        crash::pass(CrashPoint::SweepStored);
        let by_id: BTreeMap<SnipeitAssetId, &AssetSeen> = rows.iter().map(|asset| (asset.id, asset)).collect();
        self.seen.extend(by_id.keys());
        self.confirm(&by_id, asked_at).await?;
        let changed: Vec<SnipeitAssetId> = changed.iter().map(|asset| asset.id).collect();
        Ok(drift::compare(self.context, &changed).await?)
    }

    async fn keep(&self) -> Result<DateTime<Utc>, Stopped> {
        rounds::keep(self.context, self.job).await?.ok_or(Stopped::TakenOver)
    }
}

/// When each row was changed, those that cannot be understood included if they tell at least that.
fn dates(page: &Page<AssetSeen>) -> impl Iterator<Item = Option<NaiveDateTime>> {
    let unreadable = page.unreadable.iter().filter(|row| row.updated_at.is_some()).map(|row| row.updated_at);
    page.rows.iter().map(|asset| asset.updated_at).chain(unreadable)
}

/// Whether a page goes back to what was read before; one that tells no date at all says nothing about what is behind it.
fn reaches_back(page: &Page<AssetSeen>, is_old: impl FnMut(Option<NaiveDateTime>) -> bool) -> bool {
    dates(page).next().is_none() || dates(page).any(is_old)
}
