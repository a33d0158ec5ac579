//! Labels and models in the sweep: now and then, and when an asset of a model appears that nobody knows yet.

use super::{Round, Stopped};
use crate::catalogue::{lists, unreadable};
use chrono::Duration;
use makerlab_shared::{
    domain::{
        inventory::{AssetSeen, SnipeitAssetId},
        unreadable::RowKind,
    },
    store::link,
};

/// An edit of a label or a model touches no asset, so no other list shows it.
const EVERY: Duration = Duration::minutes(10);
/// Snipe-IT's dates have whole seconds, and its clock is known no better than this.
const OVERLAP: Duration = Duration::seconds(5);

impl Round<'_> {
    pub(super) async fn read_lists(&mut self) -> Result<(), Stopped> {
        let is_old = |now| self.link.lists_read_at.is_none_or(|read_at| now - read_at >= EVERY);
        if self.began_at.is_some_and(is_old) { self.read_both().await } else { Ok(()) }
    }

    /// As [`Self::read_lists`], unless this round has read them already.
    pub(super) async fn read_lists_again(&mut self) -> Result<(), Stopped> {
        let has_read =
            self.link.lists_read_at.zip(self.began_at).is_some_and(|(read_at, began_at)| read_at >= began_at);
        if has_read { Ok(()) } else { self.read_both().await }
    }

    /// Those of `rows` whose model was not known and may be now. A model that is not in the list is not asked for again; those
    /// of deleted assets may be deleted too.
    pub(super) async fn place(
        &mut self,
        rows: &[AssetSeen],
        unplaced: &[SnipeitAssetId],
    ) -> Result<Vec<AssetSeen>, Stopped> {
        let may_be_placed =
            |row: &&AssetSeen| !row.deleted && unplaced.contains(&row.id) && self.is_newer_than_lists(row);
        let of_new_model: Vec<AssetSeen> = rows.iter().filter(may_be_placed).cloned().collect();
        if of_new_model.is_empty() {
            return Ok(Vec::new());
        }
        self.read_both().await?;
        Ok(of_new_model)
    }

    fn is_newer_than_lists(&self, row: &AssetSeen) -> bool {
        let changed_at = row.updated_at.and_then(|at| self.context.slowest_snipeit_clock(&self.link).instant(at));
        self.link.lists_read_at.is_none_or(|read_at| changed_at.is_none_or(|at| at + OVERLAP >= read_at))
    }

    async fn read_both(&mut self) -> Result<(), Stopped> {
        let asked_at = self.keep().await?;
        let labels = lists::read_labels(self.context, asked_at).await?;
        unreadable::note(&mut self.unreadable, RowKind::Label, &labels.unreadable);
        let models = lists::read_models(self.context, self.job).await?.ok_or(Stopped::TakenOver)?;
        self.unreadable.extend(&models.told);
        models.mark_gone(self.context).await?;
        self.link.lists_read_at = Some(asked_at);
        Ok(link::note_lists_read(&mut *self.context.pool.acquire().await?, asked_at).await?)
    }
}
