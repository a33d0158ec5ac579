//! `POST hardware/{id}/checkout`: check, save, log, mail, answer, with nothing held in between, as in the real one.

use chrono::{NaiveDate, NaiveDateTime};
use makerlab_shared::domain::inventory::{Holder, HolderKind};
use serde_json::{Value, json};

use super::activity_log::Action;
use super::answer::Answer;
use super::call::Key;
use super::change::{Author, Change};
use super::checkout_form;
use super::faults::Step;
use super::input::Input;
use super::inventory::{Asset, Inventory};
use super::ledger::EffectKind;
use super::visit::{Died, Visit};

/// What is left to do once the checks have passed.
struct Granted {
    change: Change,
    holder: Holder,
    at: NaiveDateTime,
}

pub(super) async fn check_out(visit: &Visit) -> Result<Answer, Died> {
    let granted = match check(visit) {
        Ok(granted) => granted,
        Err(answer) => return Ok(answer),
    };
    visit.after(Step::Checked).await?;
    save(visit, &granted);
    visit.after(Step::Saved).await?;
    if visit.body.value("note").is_some_and(Value::is_array) {
        // The log row cannot hold a list: the real one fails here, with the asset already handed over.
        return Ok(Answer::server_error());
    }
    log(visit, &granted);
    visit.after(Step::Logged).await?;
    visit.after(Step::Mailed).await?;
    let asset = granted.change.before;
    visit.state.inventory().asset_mut(asset.id).checkout_counter += 1;
    Ok(Answer::success("Asset checked out successfully.", json!({"asset": asset.tag})))
}

/// In the real one's order: fields, rights, the asset, its availability, the target.
fn check(visit: &Visit) -> Result<Granted, Answer> {
    if visit.body.is_broken {
        let broken = Answer::refusal("Invalid JSON", Value::Null);
        return Err(broken.with_status(axum::http::StatusCode::UNPROCESSABLE_ENTITY).otherwise_to("/"));
    }
    let inventory = visit.state.inventory();
    let errors = checkout_form::errors(&inventory, visit);
    if !errors.is_empty() {
        return Err(Answer::invalid(errors.into()));
    }
    let asset = find(&inventory, &visit.call.key)
        .ok_or_else(|| Answer::refusal("Asset not found", Value::Null).otherwise_to("/hardware"))?;
    if !visit.may("assets.checkout") {
        return Err(Answer::forbidden());
    }
    if !inventory.is_available(asset) {
        return Err(not_available(visit, asset));
    }
    let holder = target(&inventory, &visit.body, asset).map_err(|kind| invalid_target(&visit.body, asset, kind))?;
    change(visit, &inventory, asset, holder)
}

pub(super) fn find<'a>(inventory: &'a Inventory, key: &Key) -> Option<&'a Asset> {
    match key {
        Key::Id(id) => inventory.find_live_asset(*id),
        Key::Tag(tag) => inventory.find_live_asset_by_tag(tag),
        Key::None => None,
    }
}

fn change(visit: &Visit, inventory: &Inventory, asset: &Asset, holder: Holder) -> Result<Granted, Answer> {
    let clock = visit.state.clock();
    let at = visit.body.moment("checkout_at").map_or_else(|| clock.wall(), |at| clock.out_of_the_gap(at));
    let mut change = Change::of(asset);
    change.hand_over(inventory, holder, at);
    if let Some(date) = visit.body.date("expected_checkin") {
        change.after.expected_checkin = Some(date);
    }
    if let Some(label) = visit.body.number("status_id") {
        change.after.label_id = label;
    }
    if visit.body.has("name") {
        let name = visit.body.text("name").unwrap_or_default();
        if name.chars().count() > 255 {
            let failed = "Asset was not checked out, please try again";
            return Err(Answer::refusal(failed, json!({"asset": asset.tag})));
        }
        change.after.name = Some(name.chars().take(191).collect());
    }
    Ok(Granted { change, holder, at })
}

fn save(visit: &Visit, granted: &Granted) {
    let mut inventory = visit.state.inventory();
    granted.change.save(&mut inventory, visit.state.clock().wall());
    let note = visit.body.text("note");
    Author::of(visit).record(&visit.state, EffectKind::Checkout, &granted.change, note.as_deref());
}

fn log(visit: &Visit, granted: &Granted) {
    let mut inventory = visit.state.inventory();
    let mut row = Author::of(visit).log_row(Action::Checkout, granted.change.before.id, visit.state.clock().wall());
    row.target = Some(granted.holder);
    row.note = visit.body.text("note");
    row.meta = granted.change.meta(&inventory);
    row.action_date = granted.at;
    inventory.log.append(row);
}

fn not_available(visit: &Visit, asset: &Asset) -> Answer {
    let text = if visit.speaks_portuguese() {
        "Esse recurso não está disponível para checkout!"
    } else {
        "That asset is not available for checkout!"
    };
    Answer::refusal(text, json!({"asset": asset.tag}))
}

/// The holder named by `checkout_to_type`, or the word for what does not exist.
fn target(inventory: &Inventory, body: &Input, asset: &Asset) -> Result<Holder, &'static str> {
    let (kind, field, word) = match body.text("checkout_to_type").as_deref() {
        Some("location") => (HolderKind::Location, "assigned_location", "location"),
        Some("asset") => (HolderKind::Asset, "assigned_asset", "asset"),
        _ => (HolderKind::User, "assigned_user", "user"),
    };
    let holder = body.number(field).map(|id| Holder { kind, id }).ok_or(word)?;
    let is_itself = holder.kind == HolderKind::Asset && holder.id == asset.id;
    if is_itself || !inventory.has_target(holder) { Err(word) } else { Ok(holder) }
}

fn invalid_target(body: &Input, asset: &Asset, kind: &str) -> Answer {
    let text = format!("Checkout target for asset {} is invalid - {kind} does not exist.", asset.tag);
    let target = body.number(&format!("assigned_{kind}"));
    let payload = json!({"asset": {"id": asset.id, "asset_tag": asset.tag}, "target_id": target, "target_type": kind});
    Answer::refusal(text, payload)
}

/// A date as a person picks it in the web interface: midnight.
pub(super) fn picked(date: NaiveDate) -> NaiveDateTime {
    date.and_hms_opt(0, 0, 0).expect("midnight exists")
}
