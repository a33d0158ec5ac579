//! Reading assets: one by id or tag, or a page of the list with its filters.

use std::cmp::Ordering;

use makerlab_shared::domain::inventory::{Holder, HolderKind, LabelKind};
use serde_json::Value;

use super::answer::Answer;
use super::call::Key;
use super::input::Input;
use super::inventory::{Asset, Inventory};
use super::paging::{Search, is_ascending};
use super::render;
use super::visit::Visit;

pub(super) fn show(visit: &Visit) -> Answer {
    let Key::Id(id) = visit.call.key else {
        return missing(visit);
    };
    // Deleted assets are shown too: look at `deleted_at`.
    one(visit, |inventory| inventory.find_asset(id))
}

pub(super) fn show_by_tag(visit: &Visit) -> Answer {
    let Key::Tag(tag) = &visit.call.key else {
        return missing(visit);
    };
    one(visit, |inventory| inventory.find_live_asset_by_tag(tag))
}

/// The absence of a row is told before the absence of a right.
fn one(visit: &Visit, find: impl Fn(&Inventory) -> Option<&Asset>) -> Answer {
    let inventory = visit.state.inventory();
    match find(&inventory) {
        None => missing(visit),
        Some(_) if !visit.may("assets.view") => Answer::forbidden(),
        Some(asset) => {
            let today = visit.state.clock().wall().date();
            let row = render::asset(&inventory, asset, &visit.caller, visit.state.root(), today);
            Answer::data(visit.state.product().shown(asset.id, row))
        }
    }
}

fn missing(visit: &Visit) -> Answer {
    let text = if visit.speaks_portuguese() { "Artigo não existente." } else { "Asset does not exist." };
    Answer::refusal(text, Value::Null).otherwise_to("/hardware")
}

pub(super) fn list(visit: &Visit) -> Answer {
    if !visit.may("assets.view") {
        return Answer::forbidden();
    }
    let inventory = visit.state.inventory();
    let filter = Filter::of(&visit.query, visit.state.product().shows_archived());
    let mut found: Vec<&Asset> = inventory.assets().filter(|asset| filter.keeps(&inventory, asset)).collect();
    sort(&inventory, &mut found, &visit.query);
    let total = found.len();
    let (viewer, root, today) = (&visit.caller, visit.state.root(), visit.state.clock().wall().date());
    let product = visit.state.product();
    let row = |asset: &Asset| product.shown(asset.id, render::asset(&inventory, asset, viewer, root, today));
    let rows = visit.page().cut(found).map(row);
    Answer::data(render::page(total, rows.collect()))
}

/// What the list shows, from `status`. An unknown word is ignored, and then everything of the default list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shelf {
    Default,
    AnyLabel,
    Ready,
    Deployed,
    Requestable,
    OfKind(LabelKind),
    Deleted,
}

#[derive(Debug)]
struct Filter {
    shelf: Shelf,
    models: Vec<i64>,
    label: Option<i64>,
    category: Option<i64>,
    location: Option<i64>,
    rtd_location: Option<i64>,
    holder: Option<Holder>,
    tag: Option<String>,
    is_requestable: bool,
    search: Option<Search>,
}

impl Filter {
    fn of(query: &Input, shows_archived: bool) -> Self {
        Self {
            shelf: shelf(query, shows_archived),
            models: query.numbers("model_id"),
            label: query.number("status_id"),
            category: query.number("category_id"),
            location: query.number("location_id"),
            rtd_location: query.number("rtd_location_id"),
            holder: holder(query),
            tag: query.text("asset_tag").map(|tag| tag.to_lowercase()),
            is_requestable: query.text("requestable").as_deref() == Some("true"),
            search: Search::of(query),
        }
    }

    fn keeps(&self, inventory: &Inventory, asset: &Asset) -> bool {
        let is = |wanted: Option<i64>, is: Option<i64>| wanted.is_none() || wanted == is;
        self.shelf.holds(inventory, asset)
            && (self.models.is_empty() || self.models.contains(&asset.model_id))
            && is(self.label, Some(asset.label_id))
            && is(self.category, Some(inventory.model_of(asset).category.id))
            && is(self.location, asset.location_id)
            && is(self.rtd_location, asset.rtd_location_id)
            && (self.holder.is_none() || self.holder == asset.holder)
            && self.tag.as_ref().is_none_or(|tag| asset.tag.to_lowercase() == *tag)
            && (!self.is_requestable || asset.requestable)
            && self.search.as_ref().is_none_or(|search| is_found(search, inventory, asset))
    }
}

fn shelf(query: &Input, shows_archived: bool) -> Shelf {
    match query.text("status").as_deref() {
        Some("RTD") => Shelf::Ready,
        Some("Deployed") => Shelf::Deployed,
        Some("Requestable") => Shelf::Requestable,
        Some("Pending") => Shelf::OfKind(LabelKind::Pending),
        Some("Undeployable") => Shelf::OfKind(LabelKind::Undeployable),
        Some("Archived") => Shelf::OfKind(LabelKind::Archived),
        Some("Deleted") => Shelf::Deleted,
        _ if shows_archived || query.has("status_id") => Shelf::AnyLabel,
        _ => Shelf::Default,
    }
}

impl Shelf {
    fn holds(self, inventory: &Inventory, asset: &Asset) -> bool {
        let kind = inventory.label_of(asset).kind;
        let is_live = asset.deleted_at.is_none();
        match self {
            Self::Deleted => !is_live,
            _ if !is_live => false,
            Self::AnyLabel => true,
            Self::Default => kind != LabelKind::Archived,
            Self::Ready => inventory.is_available(asset),
            Self::Deployed => asset.holder.is_some(),
            Self::Requestable => asset.requestable && kind == LabelKind::Deployable,
            Self::OfKind(wanted) => kind == wanted,
        }
    }
}

/// Both parts are needed; with one alone the filter is ignored.
fn holder(query: &Input) -> Option<Holder> {
    let kind = match query.text("assigned_type")?.as_str() {
        "App\\Models\\User" => HolderKind::User,
        "App\\Models\\Location" => HolderKind::Location,
        "App\\Models\\Asset" => HolderKind::Asset,
        _ => return None,
    };
    Some(Holder { kind, id: query.number("assigned_to")? })
}

/// Tag, name, serial, model, maker, category, label and the holder's names; never the holder's e-mail.
fn is_found(search: &Search, inventory: &Inventory, asset: &Asset) -> bool {
    let model = inventory.model_of(asset);
    let own = [Some(&asset.tag), asset.name.as_ref(), asset.serial.as_ref(), asset.notes.as_ref()];
    let kin = [
        Some(&model.name),
        model.number.as_ref(),
        model.manufacturer.as_ref().map(|maker| &maker.name),
        Some(&model.category.name),
        Some(&inventory.label_of(asset).name),
    ];
    own.into_iter().chain(kin).flatten().any(|text| search.finds(text))
        || holder_name(inventory, asset).is_some_and(|name| search.finds(&name))
}

fn holder_name(inventory: &Inventory, asset: &Asset) -> Option<String> {
    let holder = asset.holder.filter(|holder| holder.kind == HolderKind::User)?;
    inventory.users.get(&holder.id).map(|user| format!("{} {}", user.full_name(), user.username))
}

/// Unknown columns fall back to `created_at`. Ties go as the database likes, on each page anew: rows may repeat, or be left
/// out.
fn sort(inventory: &Inventory, assets: &mut [&Asset], query: &Input) {
    let column = query.text("sort").unwrap_or_default();
    let offset = query.number("offset").map_or(0, i64::unsigned_abs);
    let whim = |asset: &Asset| asset.id.unsigned_abs() ^ (offset.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48);
    let by = |a: &&Asset, b: &&Asset| compare(inventory, &column, a, b).then(whim(a).cmp(&whim(b)));
    if is_ascending(query) {
        assets.sort_by(by);
    } else {
        assets.sort_by(|a, b| by(b, a));
    }
}

fn compare(inventory: &Inventory, column: &str, a: &Asset, b: &Asset) -> Ordering {
    match column {
        "id" => a.id.cmp(&b.id),
        "name" => a.name.cmp(&b.name),
        "asset_tag" => a.tag.to_lowercase().cmp(&b.tag.to_lowercase()),
        "serial" => a.serial.cmp(&b.serial),
        "model" => inventory.model_of(a).name.cmp(&inventory.model_of(b).name),
        "status_label" => inventory.label_of(a).name.cmp(&inventory.label_of(b).name),
        "last_checkout" => a.last_checkout.cmp(&b.last_checkout),
        "last_checkin" => a.last_checkin.cmp(&b.last_checkin),
        "expected_checkin" => a.expected_checkin.cmp(&b.expected_checkin),
        "updated_at" => a.updated_at.cmp(&b.updated_at),
        "checkout_counter" => a.checkout_counter.cmp(&b.checkout_counter),
        "checkin_counter" => a.checkin_counter.cmp(&b.checkin_counter),
        _ => a.created_at.cmp(&b.created_at),
    }
}
