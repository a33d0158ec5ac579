//! Models and status labels, read only.

use std::collections::HashMap;

use serde_json::Value;

use super::answer::Answer;
use super::call::Key;
use super::inventory::{Asset, Inventory, Label, Model};
use super::paging::{Search, is_ascending};
use super::render;
use super::visit::Visit;

pub(super) fn list_models(visit: &Visit) -> Answer {
    if !visit.may("models.view") {
        return Answer::forbidden();
    }
    let inventory = visit.state.inventory();
    let search = Search::of(&visit.query);
    let wants_deleted = visit.query.text("status").as_deref() == Some("deleted");
    let keeps = |model: &&Model| {
        model.deleted_at.is_some() == wants_deleted && search.as_ref().is_none_or(|search| is_found(search, model))
    };
    let mut models: Vec<&Model> = inventory.models.values().filter(keeps).collect();
    if visit.query.text("sort").as_deref() == Some("name") {
        models.sort_by_key(|model| model.name.to_lowercase());
    }
    if !is_ascending(&visit.query) {
        models.reverse();
    }
    let units = count_by(&inventory, |asset| asset.model_id);
    let total = models.len();
    let row = |model: &Model| render::model(model, units.get(&model.id).copied().unwrap_or_default());
    Answer::data(render::page(total, visit.page().cut(models).map(row).collect()))
}

fn is_found(search: &Search, model: &Model) -> bool {
    let maker = model.manufacturer.as_ref().map(|maker| &maker.name);
    let columns = [Some(&model.name), model.number.as_ref(), Some(&model.category.name), maker];
    columns.into_iter().flatten().any(|text| search.finds(text))
}

pub(super) fn show_model(visit: &Visit) -> Answer {
    let inventory = visit.state.inventory();
    let Some(model) = by_key(&visit.call.key, &inventory.models) else {
        return Answer::refusal("AssetModel not found", Value::Null).otherwise_to("/models");
    };
    if !visit.may("models.view") {
        return Answer::forbidden();
    }
    let units = inventory.assets().filter(|asset| asset.deleted_at.is_none() && asset.model_id == model.id).count();
    Answer::data(render::model(model, units))
}

pub(super) fn list_labels(visit: &Visit) -> Answer {
    if !visit.may("statuslabels.view") {
        return Answer::forbidden();
    }
    let inventory = visit.state.inventory();
    let units = count_by(&inventory, |asset| asset.label_id);
    let mut labels: Vec<&Label> = inventory.labels.values().collect();
    if !is_ascending(&visit.query) {
        labels.reverse();
    }
    let total = labels.len();
    let row = |label: &Label| render::label(&inventory, label, units.get(&label.id).copied().unwrap_or_default());
    Answer::data(render::page(total, visit.page().cut(labels).map(row).collect()))
}

pub(super) fn show_label(visit: &Visit) -> Answer {
    let inventory = visit.state.inventory();
    let Some(label) = by_key(&visit.call.key, &inventory.labels) else {
        return Answer::refusal("Statuslabel not found", Value::Null).otherwise_to("/statuslabels");
    };
    if !visit.may("statuslabels.view") {
        return Answer::forbidden();
    }
    let units = inventory.assets().filter(|asset| asset.deleted_at.is_none() && asset.label_id == label.id).count();
    Answer::data(render::label(&inventory, label, units))
}

fn by_key<'a, T>(key: &Key, rows: &'a std::collections::BTreeMap<i64, T>) -> Option<&'a T> {
    match key {
        Key::Id(id) => rows.get(id),
        Key::Tag(_) | Key::None => None,
    }
}

fn count_by(inventory: &Inventory, key: impl Fn(&Asset) -> i64) -> HashMap<i64, usize> {
    let mut counts = HashMap::new();
    for asset in inventory.assets().filter(|asset| asset.deleted_at.is_none()) {
        *counts.entry(key(asset)).or_default() += 1;
    }
    counts
}
