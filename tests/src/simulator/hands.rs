//! A person at Snipe-IT's web interface: does what our own program must never take for its own doing.
//!
//! Each act is complete when the function returns: row, log row, ledger.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use makerlab_shared::domain::inventory::{Holder, HolderKind, LabelKind};
use serde::Deserialize;

use super::activity_log::{Action, LogRow, Source};
use super::change::{Author, Change};
use super::check_out::picked;
use super::inventory::{Asset, Inventory, Model, Named, User};
use super::ledger::{By, EffectKind};
use super::seed::ADMIN;
use super::state::State;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HandsRefused {
    #[error("asset {0} does not exist or is deleted: add it first, or restore it")]
    NoSuchAsset(i64),
    #[error(
        "asset {0} cannot be checked out now: somebody holds it or its label is not deployable"
    )]
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

#[derive(Debug, Clone, Default, Deserialize)]
pub struct NewUser {
    pub first_name: String,
    #[serde(default)]
    pub last_name: Option<String>,
    /// From the e-mail address, or made up, if none is given.
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub employee_number: Option<String>,
    #[serde(default)]
    pub locale: Option<String>,
    #[serde(default)]
    pub permissions: Vec<String>,
}

impl NewUser {
    pub fn named(first: &str, last: &str, email: &str) -> Self {
        Self {
            first_name: first.into(),
            last_name: Some(last.into()),
            email: Some(email.into()),
            ..Self::default()
        }
    }
}

#[derive(Debug, Clone)]
pub struct NewModel {
    pub name: String,
    pub number: Option<String>,
    pub category: Named,
    pub manufacturer: Option<Named>,
    pub has_fieldset: bool,
}

#[derive(Debug, Clone)]
pub struct NewAsset {
    pub model_id: i64,
    /// The next of `ML-00001` if none is given.
    pub tag: Option<String>,
    pub name: Option<String>,
    pub serial: Option<String>,
    /// Ready to Deploy if none is given.
    pub label_id: Option<i64>,
    pub rtd_location_id: Option<i64>,
}

impl NewAsset {
    pub fn of_model(model_id: i64) -> Self {
        Self {
            model_id,
            tag: None,
            name: None,
            serial: None,
            label_id: None,
            rtd_location_id: None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Hands {
    state: State,
    author: Author,
}

impl Hands {
    pub(super) fn new(state: State) -> Self {
        let user_agent = Some("Mozilla/5.0".to_owned());
        let author = Author {
            user: ADMIN,
            user_agent,
            source: Source::Gui,
            request: None,
            by: By::Human,
        };
        Self { state, author }
    }

    pub(super) fn as_author(self, author: Author) -> Self {
        Self { author, ..self }
    }

    pub fn check_out(&self, asset: i64, user: i64, when: Handover) -> Result<(), HandsRefused> {
        let now = self.state.clock().wall();
        let at = match when {
            Handover::Now => now,
            Handover::On(date) => picked(date),
        };
        let mut inventory = self.state.inventory();
        let found = inventory
            .find_live_asset(asset)
            .ok_or(HandsRefused::NoSuchAsset(asset))?;
        if !inventory.is_available(found) {
            return Err(HandsRefused::NotAvailable(asset));
        }
        let holder = Holder {
            kind: HolderKind::User,
            id: user,
        };
        let mut change = Change::of(found);
        change.hand_over(&inventory, holder, at);
        let row = LogRow {
            target: Some(holder),
            action_date: at,
            ..self.row(Action::Checkout, asset)
        };
        self.commit(&mut inventory, &change, EffectKind::Checkout, row);
        inventory.asset_mut(asset).checkout_counter += 1;
        Ok(())
    }

    pub fn check_in(&self, asset: i64) -> Result<(), HandsRefused> {
        let mut inventory = self.state.inventory();
        let found = inventory
            .find_live_asset(asset)
            .ok_or(HandsRefused::NoSuchAsset(asset))?;
        let Some(holder) = found.holder else {
            return Err(HandsRefused::NotCheckedOut(asset));
        };
        let mut change = Change::of(found);
        change.take_back(self.state.clock().wall());
        let row = LogRow {
            target: Some(holder),
            ..self.row(Action::CheckinFrom, asset)
        };
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
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| {
            after.label_id = label
        });
    }

    pub fn rename(&self, asset: i64, name: &str) {
        self.edit(asset, EffectKind::Patch, Action::Update, |after, _| {
            after.name = Some(name.to_owned())
        });
    }

    pub fn delete(&self, asset: i64) {
        self.edit(asset, EffectKind::Delete, Action::Delete, |after, now| {
            after.deleted_at = Some(now)
        });
    }

    pub fn restore(&self, asset: i64) {
        self.edit(asset, EffectKind::Restore, Action::Restore, |after, _| {
            after.deleted_at = None
        });
    }

    pub fn delete_user(&self, user: i64) {
        let now = self.state.clock().wall();
        if let Some(user) = self.state.inventory().users.get_mut(&user) {
            user.deleted_at = Some(now);
        }
    }

    /// What this user's tokens may do from now on, by Snipe-IT's names (`assets.checkout`, `reports.view`, `superuser`).
    pub fn set_permissions(&self, user: i64, permissions: &[&str]) {
        if let Some(user) = self.state.inventory().users.get_mut(&user) {
            user.permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
        }
    }

    pub fn create_user(&self, new: NewUser) -> i64 {
        let now = self.state.clock().wall();
        let mut inventory = self.state.inventory();
        let id = next_id(&inventory.users);
        let from_email = new
            .email
            .as_deref()
            .and_then(|email| email.split('@').next())
            .map(str::to_owned);
        let username = new
            .username
            .or(from_email)
            .unwrap_or_else(|| format!("user{id}"));
        let user = User {
            id,
            first_name: new.first_name,
            last_name: new.last_name,
            username,
            email: new.email,
            employee_number: new.employee_number,
            locale: new.locale,
            location_id: None,
            activated: true,
            permissions: new.permissions.into_iter().collect(),
            created_by: Some(self.author.user),
            created_at: now,
            deleted_at: None,
        };
        inventory.users.insert(id, user);
        let item = Holder {
            kind: HolderKind::User,
            id,
        };
        inventory.log.append(LogRow {
            item,
            ..self.row(Action::Create, id)
        });
        id
    }

    pub fn create_model(&self, new: NewModel) -> i64 {
        let created_at = self.state.clock().wall();
        let mut inventory = self.state.inventory();
        let id = next_id(&inventory.models);
        let NewModel {
            name,
            number,
            category,
            manufacturer,
            has_fieldset,
        } = new;
        let model = Model {
            id,
            name,
            number,
            category,
            manufacturer,
            has_fieldset,
            created_at,
            deleted_at: None,
        };
        inventory.models.insert(id, model);
        id
    }

    pub fn create_asset(&self, new: NewAsset) -> i64 {
        let now = self.state.clock().wall();
        let mut inventory = self.state.inventory();
        let id = inventory.next_asset_id();
        let asset = Asset {
            id,
            tag: new.tag.unwrap_or_else(|| format!("ML-{id:05}")),
            name: new.name,
            serial: new.serial,
            model_id: new.model_id,
            label_id: new.label_id.unwrap_or_else(|| inventory.ready_label()),
            holder: None,
            location_id: None,
            rtd_location_id: new.rtd_location_id,
            notes: None,
            requestable: false,
            purchase_date: None,
            purchase_cost: None,
            order_number: None,
            warranty_months: None,
            custom: BTreeMap::new(),
            last_checkout: None,
            last_checkin: None,
            expected_checkin: None,
            checkin_counter: 0,
            checkout_counter: 0,
            created_by: self.author.user,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        inventory.insert_asset(asset);
        inventory.log.append(self.row(Action::Create, id));
        id
    }

    pub(super) fn set_purchase(&self, asset: i64, date: NaiveDate) {
        let mut inventory = self.state.inventory();
        let asset = inventory.asset_mut(asset);
        asset.purchase_date = Some(date);
        asset.purchase_cost = Some("15.11".into());
        asset.order_number = Some("PO-3".into());
        asset.warranty_months = Some(24);
    }

    fn edit(
        &self,
        asset: i64,
        kind: EffectKind,
        action: Action,
        write: impl FnOnce(&mut Asset, chrono::NaiveDateTime),
    ) {
        let mut inventory = self.state.inventory();
        let mut change = Change::of(
            inventory
                .find_asset(asset)
                .expect("hands work on assets that exist"),
        );
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

    fn row(&self, action: Action, asset: i64) -> LogRow {
        self.author
            .log_row(action, asset, self.state.clock().wall())
    }
}

fn next_id<T>(rows: &BTreeMap<i64, T>) -> i64 {
    rows.last_key_value().map_or(1, |(id, _)| id + 1)
}
