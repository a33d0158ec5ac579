//! Snipe-IT's users, page by page: of each page only the numbers of those are kept whose address somebody has here.

use super::{Round, Stopped};
use crate::snipeit::{Page, UserSeen};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{inventory::SnipeitUserId, unreadable::RowKind},
    store::borrower_sights::{self, Match, PeopleRead},
};
use serde::{Deserialize, Serialize};

/// Up to where the users are read; kept with the run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PeopleSeen {
    offset: u64,
    is_whole: bool,
    asked_first_at: Option<DateTime<Utc>>,
    total: Option<u64>,
    /// Somebody came or went between two pages, or could not be understood: who was not seen may be there.
    is_shaky: bool,
    matches: Vec<Match>,
}

impl PeopleSeen {
    fn note(&mut self, page: &Page<UserSeen>, matches: Vec<Match>, asked_at: DateTime<Utc>) {
        self.asked_first_at.get_or_insert(asked_at);
        self.is_shaky |= self.total.is_some_and(|total| total != page.total) || !page.unreadable.is_empty();
        self.total = Some(page.total);
        self.matches.extend(matches);
        match page.next_offset(self.offset) {
            Some(next) => self.offset = next,
            None => self.is_whole = true,
        }
    }
}

impl Round<'_> {
    /// Whom each of our people would be lent to in Snipe-IT, known before anybody is lent anything.
    pub(super) async fn people(&mut self) -> Result<(), Stopped> {
        while !self.progress.people.is_whole {
            self.page_of_people().await?;
        }
        let people = &self.progress.people;
        let Some(asked_at) = people.asked_first_at else { return Ok(()) };
        let standing = {
            let mut conn = self.context.pool.acquire().await?;
            let read = PeopleRead { matches: &people.matches, asked_at, is_steady: !people.is_shaky };
            borrower_sights::keep(&mut conn, read).await?
        };
        let total = people.total.unwrap_or_default();
        self.progress.counts.people(total, standing);
        Ok(())
    }

    async fn page_of_people(&mut self) -> Result<(), Stopped> {
        let asked_at = self.keep().await?;
        let from = self.progress.people.offset;
        let page = self.context.read_for_sync(async |snipeit| snipeit.list_users(from).await).await?.value;
        let addresses: Vec<(String, SnipeitUserId)> =
            page.rows.iter().filter_map(|user| Some((user.address()?, user.id))).collect();
        let matches = {
            let mut conn = self.context.pool.acquire().await?;
            borrower_sights::list_matches(&mut conn, &addresses).await?
        };
        self.progress.note_unreadable(RowKind::User, &page.unreadable);
        self.progress.people.note(&page, matches, asked_at);
        self.keep_progress().await
    }
}
