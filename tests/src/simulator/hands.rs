//! A person at Snipe-IT's web interface: does what our own program must never take for its own doing.
//!
//! Each act is complete when the function returns: row, log row, ledger.

use chrono::NaiveDate;
use makerlab_shared::domain::inventory::{Holder, HolderKind, LabelKind};

use super::activity_log::{Action, LogRow, Source};
use super::change::{Author, Change};
use super::check_out::picked;
use super::inventory::{Asset, Inventory};
use super::ledger::{By, EffectKind};
use super::seed::ADMIN;
use super::state::State;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HandsRefused {
    #[error("asset {0} does not exist or is deleted: add it first, or restore it")]
    NoSuchAsset(i64),
    #[error("asset {0} cannot be checked out now: somebody holds it or its label is not deployable")]
    NotAvailable(i64),
    #[error("nobody holds asset {0}: check it out first")]
    NotCheckedOut(i64),
}

/// When a person says that the asset was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// The form as it stands: stored with the second.
    Now,
    /// A date picked by hand: stored as its midnight.
    On(NaiveDate),
}

#[derive(Debug, Clone)]
pub struct Hands {
    pub(super) state: State,
    pub(super) author: Author,
}

impl Hands {
    pub(super) fn new(state: State) -> Self {
        let user_agent = Some("Mozilla/5.0".to_owned());
        let author = Author { user: ADMIN, user_agent, source: Source::Gui, request: None, by: By::Human };
        Self { state, author }
    }

    pub(super) fn on_behalf_of(self, author: Author) -> Self {
        Self { author, ..self }
    }

    pub fn check_out(&self, asset: i64, user: i64, when: Handover) -> Result<(), HandsRefused> {
        self.check_out_to(asset, Holder { kind: HolderKind::User, id: user }, when)
    }

    /// To a user, a place or another asset.
    pub fn check_out_to(&self, asset: i64, holder: Holder, when: Handover) -> Result<(), HandsRefused> {
        let now = self.state.clock().wall();
        let at = match when {
            Handover::Now => now,
            Handover::On(date) => picked(date),
        };
        let mut inventory = self.state.inventory();
        let found = inventory.find_live_asset(asset).ok_or(HandsRefused::NoSuchAsset(asset))?;
        if !inventory.is_available(found) {
            return Err(HandsRefused::NotAvailable(asset));
        }
        let mut change = Change::of(found);
        change.hand_over(&inventory, holder, at);
        let row = LogRow { target: Some(holder), action_date: at, ..self.row(Action::Checkout, asset) };
        self.commit(&mut inventory, &change, EffectKind::Checkout, row);
        inventory.asset_mut(asset).checkout_counter += 1;
        Ok(())
    }

    pub fn check_in(&self, asset: i64) -> Result<(), HandsRefused> {
        let mut inventory = self.state.inventory();
        let found = inventory.find_live_asset(asset).ok_or(HandsRefused::NoSuchAsset(asset))?;
        let Some(holder) = found.holder else {
            return Err(HandsRefused::NotCheckedOut(asset));
        };
        let mut change = Change::of(found);
        change.take_back(self.state.clock().wall());
        let row = LogRow { target: Some(holder), ..self.row(Action::CheckinFrom, asset) };
        self.commit(&mut inventory, &change, EffectKind::Checkin, row);
        inventory.asset_mut(asset).checkin_counter += 1;
        Ok(())
    }

    /// Gives the asset the first archived label: it vanishes from the default list.
    pub fn archive(&self, asset: i64) {
        let label = self.state.inventory().label_of_kind(LabelKind::Archived);
        self.set_label(asset, label);
    }

    pub fn set_label(&self, asset: i64, label: i64) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| after.label_id = label);
    }

    /// Nobody holds it any more, and no check-in tells so: as when a form gives it a label that cannot be held.
    pub fn take_away(&self, asset: i64) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| after.holder = None);
    }

    /// It should be back on another day.
    pub fn expect_back(&self, asset: i64, day: NaiveDate) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| after.expected_checkin = Some(day));
    }

    pub fn rename(&self, asset: i64, name: &str) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| after.name = Some(name.to_owned()));
    }

    pub fn delete(&self, asset: i64) {
        self.edit(asset, EffectKind::Delete, Action::Delete, |after, now| after.deleted_at = Some(now));
    }

    pub fn restore(&self, asset: i64) {
        self.edit(asset, EffectKind::Restore, Action::Restore, |after, _| after.deleted_at = None);
    }

    pub fn delete_user(&self, user: i64) {
        let now = self.state.clock().wall();
        if let Some(user) = self.state.inventory().users.get_mut(&user) {
            user.deleted_at = Some(now);
        }
    }

    /// The administrator's tokens may do what the README asks for and nothing else, and not read the log.
    pub fn forbid_the_log(&self) {
        let all_but_reports = [
            "assets.view",
            "assets.checkout",
            "assets.checkin",
            "assets.edit",
            "models.view",
            "statuslabels.view",
            "users.view",
        ];
        self.set_permissions(ADMIN, &all_but_reports);
    }

    /// The same with the log, and without the right to change assets.
    pub fn forbid_edits(&self) {
        let all_but_edit = [
            "assets.view",
            "assets.checkout",
            "assets.checkin",
            "models.view",
            "statuslabels.view",
            "users.view",
            "reports.view",
        ];
        self.set_permissions(ADMIN, &all_but_edit);
    }

    /// What this user's tokens may do from now on, by Snipe-IT's names (`assets.checkout`, `reports.view`, `superuser`).
    pub fn set_permissions(&self, user: i64, permissions: &[&str]) {
        if let Some(user) = self.state.inventory().users.get_mut(&user) {
            user.permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
        }
    }

    pub(super) fn edit(
        &self,
        asset: i64,
        kind: EffectKind,
        action: Action,
        write: impl FnOnce(&mut Asset, chrono::NaiveDateTime),
    ) {
        let mut inventory = self.state.inventory();
        let mut change = Change::of(inventory.find_asset(asset).expect("hands work on assets that exist"));
        write(&mut change.after, self.state.clock().wall());
        let row = self.row(action, asset);
        self.commit(&mut inventory, &change, kind, row);
    }

    fn commit(&self, inventory: &mut Inventory, change: &Change, kind: EffectKind, row: LogRow) {
        let meta = change.meta(inventory);
        change.save(inventory, self.state.clock().wall());
        self.author.record(&self.state, kind, change, None);
        inventory.log.append(LogRow { meta, ..row });
    }

    pub(super) fn row(&self, action: Action, asset: i64) -> LogRow {
        self.author.log_row(action, asset, self.state.clock().wall())
    }
}
