//! What the default list hides: archived and deleted assets, read when that list has another number of assets than the
//! cache, and now and then anyway.

use super::{MOST_PAGES, Round, Stopped, reaches_back};
use crate::{
    catalogue::unreadable,
    snipeit::{AssetQuery, AssetSort, PAGE_SIZE, Visibility},
};
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use makerlab_shared::{
    domain::{job::Lane, sync_call::Total, unreadable::RowKind},
    store::link,
};

/// An asset that is archived in the minute in which another is added leaves the default list as long as it was.
const EVERY: Duration = Duration::minutes(10);
/// Changes of the last seconds before a read come with the next one.
const OVERLAP: Duration = Duration::seconds(5);

const HIDDEN: [Visibility; 2] = [Visibility::Archived, Visibility::Deleted];

impl Round<'_> {
    /// `false`: there was more than a sweep reads.
    pub(super) async fn read_hidden(&mut self) -> Result<bool, Stopped> {
        if !self.is_hidden_due().await? {
            return Ok(true);
        }
        let asked_first_at = self.keep().await?;
        for visibility in HIDDEN {
            if !self.read_hidden_list(visibility).await? {
                return Ok(false);
            }
        }
        let mut conn = self.context.pool.acquire().await?;
        link::note_hidden_read(&mut conn, asked_first_at).await?;
        Ok(true)
    }

    async fn is_hidden_due(&self) -> Result<bool, Stopped> {
        let is_old = self.link.hidden_read_at.is_none_or(|at| self.began_at.is_some_and(|now| now - at >= EVERY));
        Ok(is_old || self.weigh_total().await? == Total::Differs)
    }

    /// Goes on only while whole pages have changed since it was last read.
    async fn read_hidden_list(&mut self, visibility: Visibility) -> Result<bool, Stopped> {
        let mut offset = 0;
        for _ in 0..MOST_PAGES {
            let asked_at = self.keep().await?;
            self.note_asked(offset, asked_at);
            let query = AssetQuery { visibility, sort: AssetSort::UpdatedAt, limit: PAGE_SIZE, offset };
            let page = self.context.read(Lane::Bulk, async |snipeit| snipeit.list_assets(query).await).await?.value;
            unreadable::note(&mut self.unreadable, RowKind::Asset, &page.unreadable);
            self.note_rows(&page.rows, &page.rows, asked_at).await?;
            match page.next_offset(offset) {
                Some(next) if !reaches_back(&page, |at| self.was_read_before(at)) => offset = next,
                Some(_) | None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// The first read ever is content with one page: a full sync reads them all.
    fn was_read_before(&self, changed_at: Option<NaiveDateTime>) -> bool {
        let clock = self.context.slowest_snipeit_clock(&self.link);
        let changed_at: Option<DateTime<Utc>> = changed_at.and_then(|at| clock.instant(at));
        self.link.hidden_read_at.is_none_or(|read_at| changed_at.is_some_and(|at| at + OVERLAP < read_at))
    }
}
