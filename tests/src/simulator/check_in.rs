//! `POST hardware/{id}/checkin`. Names no holder, so it takes the asset from whoever has it; broken JSON counts as an empty body.

use makerlab_shared::domain::inventory::Holder;
use serde_json::{Value, json};

use super::activity_log::Action;
use super::answer::Answer;
use super::call::Key;
use super::change::{Author, Change};
use super::check_out::find;
use super::faults::Step;
use super::inventory::{Asset, Inventory};
use super::ledger::EffectKind;
use super::visit::{Died, Visit};

struct Granted {
    change: Change,
    from: Holder,
    payload: Value,
}

pub(super) async fn check_in(visit: &Visit) -> Result<Answer, Died> {
    let granted = match check(visit) {
        Ok(granted) => granted,
        Err(answer) => return Ok(answer),
    };
    visit.after(Step::Checked).await?;
    save(visit, &granted);
    visit.after(Step::Saved).await?;
    if is_another_day(visit) {
        // The real one fails on its way to the log: the effect stays, the row is never written.
        return Ok(Answer::server_error());
    }
    log(visit, &granted);
    visit.after(Step::Logged).await?;
    visit.after(Step::Mailed).await?;
    visit.state.inventory().asset_mut(granted.change.before.id).checkin_counter += 1;
    let text =
        if visit.speaks_portuguese() { "Artigo devolvido com sucesso." } else { "Asset checked in successfully." };
    Ok(Answer::success(text, granted.payload))
}

fn check(visit: &Visit) -> Result<Granted, Answer> {
    let inventory = visit.state.inventory();
    let asset = find(&inventory, &visit.call.key).ok_or_else(|| not_found(&visit.call.key))?;
    if !visit.may("assets.checkin") {
        return Err(Answer::forbidden());
    }
    let payload = payload(&inventory, asset);
    let Some(from) = asset.holder else {
        return Err(Answer::refusal("That asset is already checked in.", payload));
    };
    let mut change = Change::of(asset);
    change.take_back(visit.state.clock().wall());
    if let Some(location) = visit.body.number("location_id") {
        change.after.location_id = Some(location);
    }
    if visit.body.has("name") {
        change.after.name = visit.body.text("name");
    }
    if visit.body.has("status_id") {
        // Any existing label will do, also an undeployable one.
        let label = visit.body.number("status_id").filter(|id| inventory.labels.contains_key(id));
        let failed = || Answer::refusal("Asset was not checked in, please try again", json!({"asset": asset.tag}));
        change.after.label_id = label.ok_or_else(failed)?;
    }
    Ok(Granted { change, from, payload })
}

fn not_found(key: &Key) -> Answer {
    match key {
        Key::Tag(tag) => Answer::refusal(format!("Asset with tag {tag} not found"), json!({"asset": tag})),
        Key::Id(_) | Key::None => Answer::refusal("Asset not found", Value::Null).otherwise_to("/hardware"),
    }
}

fn payload(inventory: &Inventory, asset: &Asset) -> Value {
    let model = inventory.model_of(asset);
    json!({"asset_tag": asset.tag, "model": model.name, "model_number": model.number.as_deref().unwrap_or_default()})
}

fn is_another_day(visit: &Visit) -> bool {
    let today = visit.state.clock().wall().date().to_string();
    visit.body.text("checkin_at").is_some_and(|day| day != today)
}

fn save(visit: &Visit, granted: &Granted) {
    let mut inventory = visit.state.inventory();
    granted.change.save(&mut inventory, visit.state.clock().wall());
    let note = visit.body.text("note");
    Author::of(visit).record(&visit.state, EffectKind::Checkin, &granted.change, note.as_deref());
}

fn log(visit: &Visit, granted: &Granted) {
    let mut inventory = visit.state.inventory();
    let now = visit.state.clock().wall();
    let mut row = Author::of(visit).log_row(Action::CheckinFrom, granted.change.before.id, now);
    row.target = Some(granted.from);
    row.note = visit.body.text("note");
    row.meta = granted.change.meta(&inventory);
    inventory.log.append(row);
}
