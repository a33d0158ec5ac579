//! What the default list hides: archived and deleted assets, read when that list got shorter, and now and then anyway.

use super::{MOST_PAGES, Round, Stopped};
use crate::snipeit::{AssetQuery, AssetSort, PAGE_SIZE, Visibility};
use chrono::{DateTime, Duration, Utc};
use makerlab_shared::{
    domain::{equipment::Presence, inventory::AssetSeen, job::Lane},
    store::link,
};

/// An asset that is archived in the minute in which another is added leaves the default list as long as it was.
const EVERY: Duration = Duration::minutes(10);
/// Changes of the last seconds before a read come with the next one.
const OVERLAP: Duration = Duration::seconds(5);

const HIDDEN: [(Visibility, Presence); 2] =
    [(Visibility::Archived, Presence::Archived), (Visibility::Deleted, Presence::Deleted)];

impl Round<'_> {
    /// `false`: there was more than a sweep reads.
    pub(super) async fn read_hidden(&mut self) -> Result<bool, Stopped> {
        if !self.is_hidden_due() {
            return Ok(true);
        }
        let asked_first_at = self.keep().await?;
        for (visibility, presence) in HIDDEN {
            if !self.read_hidden_list(visibility, presence).await? {
                return Ok(false);
            }
        }
        let mut conn = self.context.pool.acquire().await?;
        link::note_hidden_read(&mut conn, asked_first_at).await?;
        Ok(true)
    }

    fn is_hidden_due(&self) -> bool {
        let got_shorter = self.listed.zip(self.link.listed_total).is_some_and(|(now, before)| now < before);
        let is_old = self.link.hidden_read_at.is_none_or(|at| self.began_at.is_some_and(|now| now - at >= EVERY));
        got_shorter || is_old
    }

    /// Goes on only while whole pages have changed since it was last read.
    async fn read_hidden_list(&mut self, visibility: Visibility, presence: Presence) -> Result<bool, Stopped> {
        let mut offset = 0;
        for _ in 0..MOST_PAGES {
            let asked_at = self.keep().await?;
            let query = AssetQuery { visibility, sort: AssetSort::UpdatedAt, limit: PAGE_SIZE, offset };
            let page = self.context.read(Lane::Bulk, async |snipeit| snipeit.list_assets(query).await).await?.value;
            self.note_rows(&page.rows, &page.rows, presence, asked_at).await?;
            let reaches_back = page.rows.iter().any(|row| self.was_read_before(row));
            match page.next_offset(offset) {
                Some(next) if !reaches_back => offset = next,
                Some(_) | None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// The first read ever is content with one page: a full sync reads them all.
    fn was_read_before(&self, row: &AssetSeen) -> bool {
        let clock = self.context.snipeit_clock(&self.link);
        let changed_at: Option<DateTime<Utc>> = row.updated_at.and_then(|at| clock.instant(at));
        self.link.hidden_read_at.is_none_or(|read_at| changed_at.is_some_and(|at| at + OVERLAP < read_at))
    }
}
