//! Writes that are not loans: PATCH, create, delete, restore. Enough of them for a test to make its own assets.

use makerlab_shared::domain::inventory::HolderKind;
use serde_json::{Map, Value, json};

use super::activity_log::Action;
use super::answer::Answer;
use super::call::Key;
use super::change::{Author, Change};
use super::check_out::find;
use super::clock::ServerClock;
use super::faults::Step;
use super::hands::NewAsset;
use super::inventory::{Asset, Inventory, Model};
use super::ledger::EffectKind;
use super::render::{FIELDS, row};
use super::visit::{Died, Visit};

pub(super) async fn patch(visit: &Visit) -> Result<Answer, Died> {
    let change = match check(visit) {
        Ok(change) => change,
        Err(answer) => return Ok(answer),
    };
    visit.after(Step::Checked).await?;
    let author = Author::of(visit);
    let now = visit.state.clock().wall();
    // The same values again are a success that touches nothing: no row, no log, no effect.
    if !change.is_empty() {
        let mut inventory = visit.state.inventory();
        change.save(&mut inventory, now);
        author.record(
            &visit.state,
            EffectKind::Patch,
            &change,
            visit.body.text("notes").as_deref(),
        );
    }
    visit.after(Step::Saved).await?;
    if !change.is_empty() {
        let mut inventory = visit.state.inventory();
        let mut row = author.log_row(Action::Update, change.before.id, now);
        row.meta = change.meta(&inventory);
        inventory.log.append(row);
    }
    visit.after(Step::Logged).await?;
    let inventory = visit.state.inventory();
    let asset = inventory
        .find_asset(change.before.id)
        .expect("an asset row is never removed");
    Ok(Answer::success(
        "Asset updated successfully.",
        raw(&inventory, asset, visit.state.clock()),
    ))
}

fn check(visit: &Visit) -> Result<Change, Answer> {
    let inventory = visit.state.inventory();
    let asset = find(&inventory, &visit.call.key).ok_or_else(not_found)?;
    if !visit.may("assets.edit") {
        return Err(Answer::forbidden());
    }
    let mut change = Change::of(asset);
    let errors = apply(visit, &inventory, &mut change.after);
    if errors.is_empty() {
        Ok(change)
    } else {
        Err(Answer::invalid(errors.into()))
    }
}

fn not_found() -> Answer {
    Answer::refusal("Asset not found", Value::Null).otherwise_to("/hardware")
}

/// Writes what the body asks for; unknown keys are ignored, but not unknown custom fields.
fn apply(visit: &Visit, inventory: &Inventory, asset: &mut Asset) -> Map<String, Value> {
    let body = &visit.body;
    let mut errors = Map::new();
    let mut add = |field: &str, text: &str| {
        errors.insert(field.to_owned(), json!([text]));
    };
    if body.has("status_id") {
        match body.number("status_id") {
            None => add("status_id", "The status id field must be an integer."),
            Some(id) if !inventory.labels.contains_key(&id) => {
                add("status_id", "The selected status id is invalid.")
            }
            Some(id) => asset.label_id = id,
        }
    }
    if body.has("expected_checkin") {
        match (
            body.value("expected_checkin"),
            body.date("expected_checkin"),
        ) {
            (Some(_), None) => add(
                "expected_checkin",
                "The expected checkin field must be a valid date.",
            ),
            (_, date) => asset.expected_checkin = date,
        }
    }
    if body.has("notes") {
        asset.notes = body.text("notes");
    }
    if body.has("name") {
        asset.name = body.text("name");
    }
    for column in body.names().filter(|name| name.starts_with("_snipeit_")) {
        if FIELDS.iter().all(|(_, known, _, _)| *known != column) {
            add(
                column,
                "This field does not seem to exist, please double check your custom field names.",
            );
        } else if !inventory.models[&asset.model_id].has_fieldset {
            add(
                column,
                "This field seems to exist, but is not available on this Asset Model's fieldset.",
            );
        } else {
            asset
                .custom
                .insert(column.to_owned(), body.text(column).unwrap_or_default());
        }
    }
    errors
}

/// The raw row, as PATCH shows it: ids instead of objects, UTC where the database keeps a timestamp.
fn raw(inventory: &Inventory, asset: &Asset, clock: &ServerClock) -> Value {
    let utc = |at| {
        clock
            .to_utc(at)
            .format("%Y-%m-%dT%H:%M:%S.000000Z")
            .to_string()
    };
    let naive = |at: chrono::NaiveDateTime| at.format("%Y-%m-%d %H:%M:%S").to_string();
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
    let created = clock
        .to_utc(model.created_at)
        .format("%Y-%m-%dT%H:%M:%S.000000Z")
        .to_string();
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

/// `POST hardware`: an asset of one's own, with the next tag unless one is given.
pub(super) fn create(visit: &Visit) -> Answer {
    if !visit.may("assets.create") {
        return Answer::forbidden();
    }
    let body = &visit.body;
    let errors = creation_errors(visit);
    if !errors.is_empty() {
        return Answer::invalid(errors.into());
    }
    let mut asset = NewAsset::of_model(body.number("model_id").unwrap_or_default());
    asset.tag = body.text("asset_tag");
    asset.name = body.text("name");
    asset.serial = body.text("serial");
    asset.label_id = body.number("status_id");
    asset.rtd_location_id = body.number("rtd_location_id");
    let id = visit.state.hands().create_asset(asset);
    let inventory = visit.state.inventory();
    let asset = inventory.find_asset(id).expect("created above");
    Answer::success(
        "Asset created successfully. :)",
        raw(&inventory, asset, visit.state.clock()),
    )
}

fn creation_errors(visit: &Visit) -> Map<String, Value> {
    let inventory = visit.state.inventory();
    let body = &visit.body;
    let mut errors = Map::new();
    let mut add = |field: &str, text: &str| {
        errors.insert(field.to_owned(), json!([text]));
    };
    match body.number("model_id") {
        None => add("model_id", "The model id field is required."),
        Some(id) if !inventory.models.contains_key(&id) => {
            add("model_id", "The selected model id is invalid.")
        }
        Some(_) => {}
    }
    match body.number("status_id") {
        None => add("status_id", "The status id field is required."),
        Some(id) if !inventory.labels.contains_key(&id) => {
            add("status_id", "The selected status id is invalid.")
        }
        Some(_) => {}
    }
    if body
        .text("asset_tag")
        .is_some_and(|tag| inventory.find_live_asset_by_tag(&tag).is_some())
    {
        add("asset_tag", "The asset tag must be unique.");
    }
    errors
}

pub(super) fn delete(visit: &Visit) -> Answer {
    let Key::Id(id) = visit.call.key else {
        return not_found();
    };
    if visit.state.inventory().find_live_asset(id).is_none() {
        return Answer::refusal("Asset does not exist.", Value::Null).otherwise_to("/hardware");
    }
    if !visit.may("assets.delete") {
        return Answer::forbidden();
    }
    visit.state.hands().as_author(Author::of(visit)).delete(id);
    Answer::success("The asset was deleted successfully.", Value::Null)
}

pub(super) fn restore(visit: &Visit) -> Answer {
    let Key::Id(id) = visit.call.key else {
        return not_found();
    };
    if !visit.may("assets.delete") {
        return Answer::forbidden();
    }
    let is_deleted = visit
        .state
        .inventory()
        .find_asset(id)
        .map(|asset| asset.deleted_at.is_some());
    match is_deleted {
        None => not_found(),
        Some(false) => Answer::refusal(
            Value::Null,
            "The Asset was not deleted and therefore cannot be restored".into(),
        ),
        Some(true) => {
            visit.state.hands().as_author(Author::of(visit)).restore(id);
            Answer::success(Value::Null, "Asset restored successfully.".into())
        }
    }
}
