//! A person tidies up the shelves: assets get another model, place or tag, and what was deleted is purged.

use super::activity_log::Action;
use super::hands::Hands;
use super::ledger::EffectKind;

impl Hands {
    pub fn set_model(&self, asset: i64, model: i64) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| after.model_id = model);
    }

    /// Where it is now, and where it lives.
    pub fn set_place(&self, asset: i64, location: i64) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| {
            after.location_id = Some(location);
            after.rtd_location_id = Some(location);
        });
    }

    /// Whether people find Snipe-IT's own request button beside it.
    pub fn set_requestable(&self, asset: i64, is_requestable: bool) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| after.requestable = is_requestable);
    }

    /// The tag must be nobody's.
    pub fn retag(&self, asset: i64, tag: &str) {
        self.edit(asset, EffectKind::Patch, Action::Update, |_, _| {});
        self.state.inventory().retag_asset(asset, tag);
    }

    /// It may come back whenever it comes.
    pub fn expect_back_any_day(&self, asset: i64) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| after.expected_checkin = None);
    }

    /// Removes a deleted asset for good, as Snipe-IT's purge does with all of them. No program may be at it.
    pub fn purge(&self, asset: i64) {
        let mut inventory = self.state.inventory();
        if inventory.find_asset(asset).is_some_and(|asset| asset.deleted_at.is_some()) {
            inventory.remove_asset(asset);
        }
    }
}
