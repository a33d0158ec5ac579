//! What the simulated Snipe-IT has in its tables: assets, models, users, labels, locations and the activity log.
//!
//! Rows and look-ups only. Knows nothing of HTTP, faults or who asks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Duration, NaiveDate, NaiveDateTime};
use makerlab_shared::domain::inventory::{Holder, HolderKind, LabelKind};

use super::activity_log::ActivityLog;

#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    pub id: i64,
    pub tag: String,
    pub name: Option<String>,
    pub serial: Option<String>,
    pub model_id: i64,
    pub label_id: i64,
    pub holder: Option<Holder>,
    pub location_id: Option<i64>,
    pub rtd_location_id: Option<i64>,
    pub notes: Option<String>,
    pub requestable: bool,
    pub purchase_date: Option<NaiveDate>,
    pub purchase_cost: Option<String>,
    pub order_number: Option<String>,
    pub warranty_months: Option<u32>,
    pub custom: BTreeMap<String, String>,
    pub last_checkout: Option<NaiveDateTime>,
    pub last_checkin: Option<NaiveDateTime>,
    pub expected_checkin: Option<NaiveDate>,
    pub checkin_counter: u32,
    pub checkout_counter: u32,
    pub created_by: i64,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub deleted_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone)]
pub struct Model {
    pub id: i64,
    pub name: String,
    pub number: Option<String>,
    pub category: Named,
    pub manufacturer: Option<Named>,
    /// The address of its picture.
    pub image: Option<String>,
    /// Whether its assets carry the custom fields of the one fieldset, "Boards".
    pub has_fieldset: bool,
    pub created_at: NaiveDateTime,
    pub deleted_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone)]
pub struct User {
    pub id: i64,
    pub first_name: String,
    pub last_name: Option<String>,
    pub username: String,
    pub email: Option<String>,
    pub employee_number: Option<String>,
    pub locale: Option<String>,
    pub location_id: Option<i64>,
    pub activated: bool,
    pub permissions: BTreeSet<String>,
    pub created_by: Option<i64>,
    pub created_at: NaiveDateTime,
    pub deleted_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone)]
pub struct Label {
    pub id: i64,
    pub name: String,
    pub kind: LabelKind,
    pub notes: String,
    pub color: Option<String>,
    pub created_at: Option<NaiveDateTime>,
}

/// Something that answers show as `{id, name}`: a category, a manufacturer, a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub id: i64,
    pub name: String,
}

impl Named {
    pub fn new(id: i64, name: &str) -> Self {
        Self { id, name: name.to_owned() }
    }
}

impl User {
    pub fn full_name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }

    pub fn may(&self, permission: &str) -> bool {
        self.permissions.contains("superuser") || self.permissions.contains(permission)
    }
}

#[derive(Debug, Default)]
pub struct Inventory {
    assets: BTreeMap<i64, Asset>,
    /// No number is given twice, also when its asset was purged.
    newest_asset: i64,
    asset_by_tag: HashMap<String, i64>,
    pub models: BTreeMap<i64, Model>,
    pub users: BTreeMap<i64, User>,
    pub labels: BTreeMap<i64, Label>,
    pub locations: BTreeMap<i64, Named>,
    pub log: ActivityLog,
}

impl Inventory {
    pub fn assets(&self) -> impl DoubleEndedIterator<Item = &Asset> {
        self.assets.values()
    }

    /// Any asset, also a deleted one.
    pub fn find_asset(&self, id: i64) -> Option<&Asset> {
        self.assets.get(&id)
    }

    pub fn find_live_asset(&self, id: i64) -> Option<&Asset> {
        self.find_asset(id).filter(|asset| asset.deleted_at.is_none())
    }

    pub fn find_live_asset_by_tag(&self, tag: &str) -> Option<&Asset> {
        self.find_live_asset(*self.asset_by_tag.get(&tag.to_lowercase())?)
    }

    pub(super) fn asset_mut(&mut self, id: i64) -> &mut Asset {
        self.assets.get_mut(&id).expect("an asset row is only removed by a purge, long after it was marked deleted")
    }

    /// Removes the row for good.
    pub(super) fn remove_asset(&mut self, id: i64) {
        if let Some(asset) = self.assets.remove(&id) {
            self.asset_by_tag.retain(|_, owner| *owner != asset.id);
        }
    }

    pub(super) fn retag_asset(&mut self, id: i64, tag: &str) {
        let old = std::mem::replace(&mut self.asset_mut(id).tag, tag.to_owned());
        self.asset_by_tag.remove(&old.to_lowercase());
        self.asset_by_tag.insert(tag.to_lowercase(), id);
    }

    /// As if everything had been written this much earlier.
    pub(super) fn grow_older(&mut self, by: Duration) {
        for asset in self.assets.values_mut() {
            asset.updated_at -= by;
        }
    }

    /// Makes everything that is there now look as old as this.
    pub(super) fn backdate(&mut self, to: NaiveDateTime) {
        for asset in self.assets.values_mut() {
            (asset.created_at, asset.updated_at) = (to, to);
        }
        self.models.values_mut().for_each(|model| model.created_at = to);
        self.users.values_mut().for_each(|user| user.created_at = to);
        self.log.backdate(to);
    }

    pub(super) fn insert_asset(&mut self, asset: Asset) {
        self.asset_by_tag.insert(asset.tag.to_lowercase(), asset.id);
        self.newest_asset = self.newest_asset.max(asset.id);
        self.assets.insert(asset.id, asset);
    }

    pub(super) fn next_asset_id(&self) -> i64 {
        self.newest_asset + 1
    }

    pub fn label_of(&self, asset: &Asset) -> &Label {
        &self.labels[&asset.label_id]
    }

    pub fn model_of(&self, asset: &Asset) -> &Model {
        &self.models[&asset.model_id]
    }

    pub fn find_live_user(&self, id: i64) -> Option<&User> {
        self.users.get(&id).filter(|user| user.deleted_at.is_none())
    }

    pub fn is_available(&self, asset: &Asset) -> bool {
        asset.holder.is_none() && asset.deleted_at.is_none() && self.label_of(asset).kind == LabelKind::Deployable
    }

    /// The deployable label with the lowest id: where a new asset starts.
    pub fn ready_label(&self) -> i64 {
        self.label_of_kind(LabelKind::Deployable)
    }

    /// The first label of a kind. Every seed has one of each.
    pub fn label_of_kind(&self, kind: LabelKind) -> i64 {
        self.labels.values().find(|label| label.kind == kind).expect("a seed has a label of each kind").id
    }

    /// Whether what an asset is to be handed to exists.
    pub fn has_target(&self, holder: Holder) -> bool {
        match holder.kind {
            HolderKind::User => self.find_live_user(holder.id).is_some(),
            HolderKind::Location => self.locations.contains_key(&holder.id),
            HolderKind::Asset => self.find_live_asset(holder.id).is_some(),
        }
    }

    /// Where an asset is once this holder has it.
    pub(super) fn place_of(&self, holder: Holder) -> Option<i64> {
        match holder.kind {
            HolderKind::User => self.users.get(&holder.id).and_then(|user| user.location_id),
            HolderKind::Location => Some(holder.id),
            HolderKind::Asset => self.find_asset(holder.id).and_then(|asset| asset.location_id),
        }
    }

    /// `name (tag) - model`, as the log and the assignment show an asset.
    pub fn title_of(&self, asset: &Asset) -> String {
        let name = asset.name.as_deref().unwrap_or_default();
        format!("{name} ({}) - {}", asset.tag, self.model_of(asset).name)
    }

    pub fn count_held_by(&self, user: i64) -> usize {
        let holder = Some(Holder { kind: HolderKind::User, id: user });
        self.assets().filter(|asset| asset.holder == holder && asset.deleted_at.is_none()).count()
    }
}
