//! `PATCH hardware/{id}`: label, notes, name, expected return and custom fields. Never the holder.

use serde_json::{Map, Value, json};

use super::activity_log::Action;
use super::answer::Answer;
use super::change::{Author, Change};
use super::check_out::find;
use super::faults::Step;
use super::inventory::{Asset, Inventory};
use super::ledger::EffectKind;
use super::raw;
use super::render::FIELDS;
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
        author.record(&visit.state, EffectKind::Patch, &change, visit.body.text("notes").as_deref());
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
    let asset = inventory.find_asset(change.before.id).expect("an asset row is never removed");
    Ok(Answer::success("Asset updated successfully.", raw::asset(&inventory, asset, visit.state.clock())))
}

fn check(visit: &Visit) -> Result<Change, Answer> {
    let inventory = visit.state.inventory();
    let asset = find(&inventory, &visit.call.key).ok_or_else(not_found)?;
    if !visit.may("assets.edit") {
        return Err(Answer::forbidden());
    }
    let mut change = Change::of(asset);
    let errors = apply(visit, &inventory, &mut change.after);
    if errors.is_empty() { Ok(change) } else { Err(Answer::invalid(errors.into())) }
}

pub(super) fn not_found() -> Answer {
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
            Some(id) if !inventory.labels.contains_key(&id) => add("status_id", "The selected status id is invalid."),
            Some(id) => asset.label_id = id,
        }
    }
    if body.has("expected_checkin") {
        match (body.value("expected_checkin"), body.date("expected_checkin")) {
            (Some(_), None) => add("expected_checkin", "The expected checkin field must be a valid date."),
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
            add(column, "This field does not seem to exist, please double check your custom field names.");
        } else if !inventory.models[&asset.model_id].has_fieldset {
            add(column, "This field seems to exist, but is not available on this Asset Model's fieldset.");
        } else {
            asset.custom.insert(column.to_owned(), body.text(column).unwrap_or_default());
        }
    }
    errors
}
