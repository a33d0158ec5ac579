//! The raw row, as writes show it: ids instead of objects, UTC where the database keeps a timestamp.

use chrono::NaiveDateTime;
use makerlab_shared::domain::inventory::HolderKind;
use serde_json::{Value, json};

use super::clock::ServerClock;
use super::inventory::{Asset, Inventory, Model};
use super::render::{FIELDS, row};

pub(super) fn asset(inventory: &Inventory, asset: &Asset, clock: &ServerClock) -> Value {
    let utc = |at| clock.to_utc(at).format("%Y-%m-%dT%H:%M:%S.000000Z").to_string();
    let naive = |at: NaiveDateTime| at.format("%Y-%m-%d %H:%M:%S").to_string();
    let kind = asset.holder.map(|holder| match holder.kind {
        HolderKind::User => "App\\Models\\User",
        HolderKind::Location => "App\\Models\\Location",
        HolderKind::Asset => "App\\Models\\Asset",
    });
    let mut row = row! {
        "id": asset.id,
        "name": asset.name,
        "asset_tag": asset.tag,
        "model_id": asset.model_id,
        "serial": asset.serial,
        "purchase_date": asset.purchase_date.map(|date| format!("{date}T00:00:00.000000Z")),
        "asset_eol_date": Value::Null,
        "eol_explicit": false,
        "purchase_cost": asset.purchase_cost,
        "order_number": asset.order_number,
        "assigned_to": asset.holder.map(|holder| holder.id),
        "notes": asset.notes,
        "image": Value::Null,
        "created_by": asset.created_by,
        "created_at": utc(asset.created_at),
        "updated_at": utc(asset.updated_at),
        "physical": 1,
        "deleted_at": asset.deleted_at.map(utc),
        "status_id": asset.label_id,
        "archived": 0,
        "warranty_months": asset.warranty_months,
        "depreciate": Value::Null,
        "supplier_id": Value::Null,
        "requestable": i32::from(asset.requestable),
        "rtd_location_id": asset.rtd_location_id,
        "accepted": Value::Null,
        "last_checkout": asset.last_checkout.map(naive),
        "last_checkin": asset.last_checkin.map(naive),
        "expected_checkin": asset.expected_checkin.map(|date| date.to_string()),
        "company_id": Value::Null,
        "assigned_type": kind,
        "last_audit_date": Value::Null,
        "next_audit_date": Value::Null,
        "location_id": asset.location_id,
        "checkin_counter": asset.checkin_counter,
        "checkout_counter": asset.checkout_counter,
        "requests_counter": 0,
        "byod": 0,
        "model": raw_model(inventory.model_of(asset), clock),
    };
    for (_, column, _, _) in FIELDS {
        row[column] = asset.custom.get(column).cloned().into();
    }
    row
}

fn raw_model(model: &Model, clock: &ServerClock) -> Value {
    let created = clock.to_utc(model.created_at).format("%Y-%m-%dT%H:%M:%S.000000Z").to_string();
    json!({
        "id": model.id,
        "name": model.name,
        "model_number": model.number,
        "min_amt": null,
        "manufacturer_id": model.manufacturer.as_ref().map(|maker| maker.id),
        "category_id": model.category.id,
        "created_at": created,
        "updated_at": created,
        "depreciation_id": null,
        "created_by": null,
        "eol": null,
        "image": null,
        "deprecated_mac_address": 0,
        "deleted_at": null,
        "fieldset_id": model.has_fieldset.then_some(2),
        "notes": null,
        "requestable": 0,
    })
}
