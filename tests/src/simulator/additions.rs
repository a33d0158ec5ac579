//! Adding to the simulated lab: users, models and assets, each with the id that Snipe-IT would give it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use makerlab_shared::domain::inventory::{Holder, HolderKind};
use serde::Deserialize;

use super::activity_log::{Action, LogRow};
use super::hands::Hands;
use super::inventory::{Asset, Model, Named, User};

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
        Self { first_name: first.into(), last_name: Some(last.into()), email: Some(email.into()), ..Self::default() }
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
        Self { model_id, tag: None, name: None, serial: None, label_id: None, rtd_location_id: None }
    }
}

impl Hands {
    pub fn create_user(&self, new: NewUser) -> i64 {
        let now = self.state.clock().wall();
        let mut inventory = self.state.inventory();
        let id = next_id(&inventory.users);
        let from_email = new.email.as_deref().and_then(|email| email.split('@').next()).map(str::to_owned);
        let username = new.username.or(from_email).unwrap_or_else(|| format!("user{id}"));
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
        let item = Holder { kind: HolderKind::User, id };
        inventory.log.append(LogRow { item, ..self.row(Action::Create, id) });
        id
    }

    pub fn create_model(&self, new: NewModel) -> i64 {
        let created_at = self.state.clock().wall();
        let mut inventory = self.state.inventory();
        let id = next_id(&inventory.models);
        let NewModel { name, number, category, manufacturer, has_fieldset } = new;
        let (image, deleted_at) = (None, None);
        let model = Model { id, name, number, category, manufacturer, image, has_fieldset, created_at, deleted_at };
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
}

fn next_id<T>(rows: &BTreeMap<i64, T>) -> i64 {
    rows.last_key_value().map_or(1, |(id, _)| id + 1)
}
