//! The JSON of rows as `GET` shows it: escaped text, dates in pairs, every key that the real one has.

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};
use makerlab_shared::domain::inventory::{Holder, HolderKind, LabelKind};
use serde_json::{Map, Value, json};

use super::inventory::{Asset, Inventory, Label, Model, Named, User};

/// An object of many keys: `json!` runs into the compiler's recursion limit at fifty.
macro_rules! row {
    ($($key:literal: $value:expr),+ $(,)?) => {
        Value::Object(serde_json::Map::from_iter([$(($key.to_owned(), json!($value))),+]))
    };
}
pub(super) use row;

/// Laravel's `e()`: the five characters, each by its own entity.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#039;"),
            other => out.push(other),
        }
    }
    out
}

pub(super) fn optional(text: Option<&str>) -> Value {
    text.map(escaped).into()
}

pub(super) fn moment(at: Option<NaiveDateTime>) -> Value {
    at.map_or(Value::Null, |at| {
        json!({
            "datetime": at.format("%Y-%m-%d %H:%M:%S").to_string(),
            "formatted": at.format("%Y-%m-%d %I:%M %p").to_string(),
        })
    })
}

pub(super) fn day(date: Option<NaiveDate>) -> Value {
    date.map_or(Value::Null, |date| json!({"date": date.to_string(), "formatted": date.to_string()}))
}

pub(super) fn named(named: Option<&Named>) -> Value {
    named.map_or(Value::Null, |named| json!({"id": named.id, "name": escaped(&named.name)}))
}

pub(super) fn author(inventory: &Inventory, user: Option<i64>) -> Value {
    let user = user.and_then(|id| inventory.users.get(&id));
    user.map_or(Value::Null, |user| json!({"id": user.id, "name": escaped(&user.full_name())}))
}

pub(super) fn page(total: usize, rows: Vec<Value>) -> Value {
    json!({"total": total, "rows": rows})
}

pub(super) fn kind_word(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Deployable => "deployable",
        LabelKind::Pending => "pending",
        LabelKind::Undeployable => "undeployable",
        LabelKind::Archived => "archived",
    }
}

/// As `viewer` sees it: what may be done with it is told by the viewer's permissions.
pub(super) fn asset(inventory: &Inventory, asset: &Asset, viewer: &User, root: &str, today: NaiveDate) -> Value {
    let model = inventory.model_of(asset);
    let location = |id: Option<i64>| named(id.and_then(|id| inventory.locations.get(&id)));
    let is_live = asset.deleted_at.is_none();
    let is_free = asset.holder.is_none();
    let expiry = asset.purchase_date.zip(asset.warranty_months).map(|(date, months)| date + Months::new(months));
    row! {
        "id": asset.id,
        "name": escaped(asset.name.as_deref().unwrap_or_default()),
        "asset_tag": escaped(&asset.tag),
        "serial": escaped(asset.serial.as_deref().unwrap_or_default()),
        "model": json!({"id": model.id, "name": escaped(&model.name)}),
        "byod": false,
        "requestable": asset.requestable,
        "model_number": optional(model.number.as_deref()),
        "eol": Value::Null,
        "asset_eol_date": Value::Null,
        "status_label": status_label(inventory.label_of(asset), is_free),
        "category": named(Some(&model.category)),
        "manufacturer": named(model.manufacturer.as_ref()),
        "supplier": Value::Null,
        "notes": optional(asset.notes.as_deref()),
        "order_number": optional(asset.order_number.as_deref()),
        "company": Value::Null,
        "location": location(asset.location_id),
        "rtd_location": location(asset.rtd_location_id),
        "image": Value::Null,
        "qr": Value::Null,
        "alt_barcode": format!("{root}/uploads/barcodes/-{}.png", asset.tag.to_lowercase()),
        "assigned_to": asset.holder.map_or(Value::Null, |holder| assignee(inventory, holder)),
        "warranty_months": asset.warranty_months.map(|months| format!("{months} months")),
        "warranty_expires": day(expiry),
        "created_by": author(inventory, Some(asset.created_by)),
        "created_at": moment(Some(asset.created_at)),
        "updated_at": moment(Some(asset.updated_at)),
        "last_audit_date": Value::Null,
        "next_audit_date": Value::Null,
        "deleted_at": moment(asset.deleted_at),
        "purchase_date": day(asset.purchase_date),
        "age": asset.purchase_date.map_or(String::new(), |date| format!("{} years ago", today.year() - date.year())),
        "last_checkout": moment(asset.last_checkout),
        "last_checkin": moment(asset.last_checkin),
        "expected_checkin": day(asset.expected_checkin),
        "purchase_cost": asset.purchase_cost,
        "checkin_counter": asset.checkin_counter,
        "checkout_counter": asset.checkout_counter,
        "requests_counter": 0,
        "user_can_checkout": inventory.is_available(asset),
        "book_value": Value::Null,
        "custom_fields": custom_fields(asset, model),
        "available_actions": json!({
            "checkout": is_live && viewer.may("assets.checkout"),
            "checkin": is_live && viewer.may("assets.checkin"),
            "clone": viewer.may("assets.create"),
            "restore": !is_live && viewer.may("assets.create"),
            "update": is_live && viewer.may("assets.edit"),
            "audit": viewer.may("assets.audit"),
            "delete": is_live && is_free && viewer.may("assets.delete"),
        }),
    }
}

fn status_label(label: &Label, is_free: bool) -> Value {
    let kind = kind_word(label.kind);
    let meta = if is_free { kind } else { "deployed" };
    json!({"id": label.id, "name": escaped(&label.name), "status_type": kind, "status_meta": meta})
}

fn assignee(inventory: &Inventory, holder: Holder) -> Value {
    match holder.kind {
        HolderKind::User => inventory.users.get(&holder.id).map_or(Value::Null, |user| {
            json!({
                "id": user.id,
                "username": escaped(&user.username),
                "name": escaped(&user.full_name()),
                "first_name": escaped(&user.first_name),
                "last_name": optional(user.last_name.as_deref()),
                "email": optional(user.email.as_deref()),
                "employee_number": optional(user.employee_number.as_deref()),
                "type": "user",
            })
        }),
        HolderKind::Location | HolderKind::Asset => titled(inventory, holder),
    }
}

/// `{id, name, type}`: how the log names what a row is about, and an assignment what is not a user.
pub(super) fn titled(inventory: &Inventory, holder: Holder) -> Value {
    let (name, kind) = match holder.kind {
        HolderKind::User => (inventory.users.get(&holder.id).map(User::full_name), "user"),
        HolderKind::Location => (inventory.locations.get(&holder.id).map(|named| named.name.clone()), "location"),
        HolderKind::Asset => (inventory.find_asset(holder.id).map(|asset| inventory.title_of(asset)), "asset"),
    };
    json!({"id": holder.id, "name": escaped(&name.unwrap_or_default()), "type": kind})
}

/// The columns of the one fieldset: shown name, column, format, element.
pub(super) const FIELDS: [(&str, &str, &str, &str); 3] = [
    ("Firmware", "_snipeit_firmware_2", "ANY", "text"),
    ("Condition", "_snipeit_condition_3", "ANY", "listbox"),
    ("MAC Address", "_snipeit_mac_address_1", "MAC", "text"),
];

fn custom_fields(asset: &Asset, model: &Model) -> Value {
    if !model.has_fieldset {
        return json!({});
    }
    let field = |(name, column, format, element): (&str, &str, &str, &str)| {
        let value = asset.custom.get(column).map(|value| escaped(value)).unwrap_or_default();
        let field = json!({"field": column, "value": value, "field_format": format, "element": element});
        (name.to_owned(), field)
    };
    FIELDS.map(field).into_iter().collect::<Map<_, _>>().into()
}

pub(super) fn model(model: &Model, units: usize) -> Value {
    let defaults: Vec<Value> = if model.has_fieldset { FIELDS.map(default_value).into() } else { Vec::new() };
    json!({
        "id": model.id,
        "name": escaped(&model.name),
        "manufacturer": named(model.manufacturer.as_ref()),
        "image": model.image,
        "model_number": optional(model.number.as_deref()),
        "min_amt": null,
        "remaining": units,
        "depreciation": null,
        "assets_count": units,
        "category": named(Some(&model.category)),
        "fieldset": model.has_fieldset.then(|| json!({"id": 2, "name": "Boards"})),
        "default_fieldset_values": defaults,
        "eol": "None",
        "requestable": false,
        "notes": null,
        "created_by": null,
        "created_at": moment(Some(model.created_at)),
        "updated_at": moment(Some(model.created_at)),
        "deleted_at": moment(model.deleted_at),
        "available_actions": {"update": true, "delete": units == 0, "clone": true, "restore": false},
    })
}

fn default_value((name, column, format, _): (&str, &str, &str, &str)) -> Value {
    json!({"name": name, "db_column_name": column, "default_value": null, "format": format, "required": false})
}

pub(super) fn label(inventory: &Inventory, label: &Label, units: usize) -> Value {
    json!({
        "id": label.id,
        "name": escaped(&label.name),
        "type": kind_word(label.kind),
        "color": label.color,
        "show_in_nav": false,
        "default_label": false,
        "assets_count": units,
        "notes": escaped(&label.notes),
        "created_by": author(inventory, label.created_at.is_none().then_some(1)),
        "created_at": moment(label.created_at),
        "updated_at": moment(label.created_at),
        "available_actions": {"update": true, "delete": units == 0},
    })
}

/// As `viewer` sees it.
pub(super) fn user(inventory: &Inventory, user: &User, viewer: &User, root: &str) -> Value {
    let held = inventory.count_held_by(user.id);
    let permissions: Map<String, Value> = user.permissions.iter().map(|name| (name.clone(), 1.into())).collect();
    row! {
        "id": user.id,
        "avatar": format!("{root}/uploads/default.png"),
        "name": escaped(&user.full_name()),
        "first_name": escaped(&user.first_name),
        "last_name": optional(user.last_name.as_deref()),
        "username": escaped(&user.username),
        "remote": false,
        "locale": user.locale,
        "employee_num": optional(user.employee_number.as_deref()),
        "manager": Value::Null,
        "jobtitle": Value::Null,
        "vip": false,
        "phone": Value::Null,
        "website": Value::Null,
        "address": Value::Null,
        "city": Value::Null,
        "state": Value::Null,
        "country": Value::Null,
        "zip": Value::Null,
        "email": optional(user.email.as_deref()),
        "department": Value::Null,
        "location": named(user.location_id.and_then(|id| inventory.locations.get(&id))),
        "notes": Value::Null,
        "permissions": permissions,
        "activated": user.activated,
        "autoassign_licenses": true,
        "ldap_import": false,
        "two_factor_enrolled": false,
        "two_factor_optin": false,
        "assets_count": held,
        "licenses_count": 0,
        "accessories_count": 0,
        "consumables_count": 0,
        "manages_users_count": 0,
        "manages_locations_count": 0,
        "company": Value::Null,
        "created_by": author(inventory, user.created_by),
        "created_at": moment(Some(user.created_at)),
        "updated_at": moment(Some(user.created_at)),
        "start_date": Value::Null,
        "end_date": Value::Null,
        "last_login": Value::Null,
        "deleted_at": moment(user.deleted_at),
        "available_actions": json!({
            "update": viewer.may("users.edit"),
            "delete": held == 0 && viewer.may("users.delete"),
            "clone": viewer.may("users.create"),
            "restore": false,
        }),
        "groups": Value::Null,
    }
}
