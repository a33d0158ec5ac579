//! Assets that vanish leave nothing behind that a list of changes could show: only the default list's total tells of them.

use super::{Round, Stopped};
use makerlab_shared::{
    domain::sync_call::{Calls, Total, WholeSync, is_owed},
    store::{link, sweep, sync_runs},
};

impl Round<'_> {
    /// How the list's total stands to the cache.
    pub(super) async fn weigh_total(&self) -> Result<Total, Stopped> {
        let Some((total, now)) = self.listed.zip(self.began_at) else { return Ok(Total::Fits) };
        let known = sweep::count_listed(&mut *self.context.pool.acquire().await?).await?;
        Ok(self.link.calls.weigh(total.saturating_sub(known), self.find_last_whole().await?, now))
    }

    /// `false`: assets have vanished, or appeared, and no list that a sweep reads tells which. What changed between two of
    /// its calls is told apart by reading the first list once more.
    pub(super) async fn look_for_vanished(&mut self) -> Result<bool, Stopped> {
        let mut total = self.weigh_total().await?;
        if total == Total::Differs {
            self.read_lists_again().await?;
            self.listed = None;
            total = if self.read_pages().await? { self.weigh_total().await? } else { Total::Differs };
        }
        self.note_calls(total).await?;
        if total == Total::Differs {
            tracing::info!("Snipe-IT lists another number of assets than is known: all of them are read now");
        }
        Ok(total != Total::Differs)
    }

    /// Whether a full sync is to look for what slipped through between two pages.
    pub(super) async fn is_sync_owed(&self) -> Result<bool, Stopped> {
        let paged_at = self.paged_at.or(self.link.paged_at);
        let Some((paged_at, now)) = paged_at.zip(self.began_at) else { return Ok(false) };
        Ok(is_owed(paged_at, self.find_last_whole().await?, self.paged_at.is_some(), now))
    }

    async fn note_calls(&self, total: Total) -> Result<(), Stopped> {
        let Some(now) = self.began_at else { return Ok(()) };
        let calls: Calls = self.link.calls.after(total, self.find_last_whole().await?, now);
        if calls != self.link.calls {
            link::note_calls(&mut *self.context.pool.acquire().await?, calls).await?;
        }
        Ok(())
    }

    async fn find_last_whole(&self) -> Result<Option<WholeSync>, Stopped> {
        Ok(sync_runs::find_last_whole(&mut *self.context.pool.acquire().await?).await?)
    }
}
