//! `POST hardware`, `DELETE`, `restore`: enough for a test to make its own assets and take them away again.

use serde_json::{Map, Value, json};

use super::additions::NewAsset;
use super::answer::Answer;
use super::call::Key;
use super::change::Author;
use super::edit::not_found;
use super::raw;
use super::visit::Visit;

/// An asset with the next tag, unless one is given.
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
    Answer::success("Asset created successfully. :)", raw::asset(&inventory, asset, visit.state.clock()))
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
        Some(id) if !inventory.models.contains_key(&id) => add("model_id", "The selected model id is invalid."),
        Some(_) => {}
    }
    match body.number("status_id") {
        None => add("status_id", "The status id field is required."),
        Some(id) if !inventory.labels.contains_key(&id) => add("status_id", "The selected status id is invalid."),
        Some(_) => {}
    }
    if body.text("asset_tag").is_some_and(|tag| inventory.find_live_asset_by_tag(&tag).is_some()) {
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
    visit.state.hands().on_behalf_of(Author::of(visit)).delete(id);
    Answer::success("The asset was deleted successfully.", Value::Null)
}

pub(super) fn restore(visit: &Visit) -> Answer {
    let Key::Id(id) = visit.call.key else {
        return not_found();
    };
    if !visit.may("assets.delete") {
        return Answer::forbidden();
    }
    let is_deleted = visit.state.inventory().find_asset(id).map(|asset| asset.deleted_at.is_some());
    match is_deleted {
        None => not_found(),
        Some(false) => {
            Answer::refusal(Value::Null, "The Asset was not deleted and therefore cannot be restored".into())
        }
        Some(true) => {
            visit.state.hands().on_behalf_of(Author::of(visit)).restore(id);
            Answer::success(Value::Null, "Asset restored successfully.".into())
        }
    }
}
