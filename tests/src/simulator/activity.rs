//! `GET reports/activity`: the log as a report, with filters that only work in the pairs in which the real ones do.

use makerlab_shared::domain::inventory::{Holder, HolderKind};
use serde_json::{Value, json};

use super::activity_log::LogRow;
use super::answer::Answer;
use super::inventory::{Inventory, User};
use super::markdown;
use super::paging::{Search, is_ascending};
use super::render;
use super::visit::Visit;

pub(super) fn list(visit: &Visit) -> Answer {
    if !visit.may("reports.view") {
        return Answer::forbidden();
    }
    let inventory = visit.state.inventory();
    let filter = Filter::of(visit);
    let mut rows = filter.rows(&inventory);
    // Ids grow with time, so that sorting by either is the same.
    if !is_ascending(&visit.query) {
        rows.reverse();
    }
    let total = rows.len();
    let rows = visit.page().cut(rows).map(|row| shown(&inventory, row));
    Answer::data(render::page(total, rows.collect()))
}

struct Filter {
    item: Option<Holder>,
    target: Option<Holder>,
    action: Option<String>,
    by: Option<i64>,
    source: Option<String>,
    search: Option<Search>,
}

impl Filter {
    fn of(visit: &Visit) -> Self {
        let query = &visit.query;
        Self {
            item: pair(visit, "item_type", "item_id"),
            target: pair(visit, "target_type", "target_id"),
            action: query.text("action_type"),
            by: query.number("created_by"),
            source: query.text("action_source"),
            search: Search::of(query),
        }
    }

    fn rows<'a>(&self, inventory: &'a Inventory) -> Vec<&'a LogRow> {
        match self.item {
            // One asset's rows are indexed: a look costs what the asset has seen, not what the lab has.
            Some(item) if item.kind == HolderKind::Asset => {
                inventory.log.rows_of(item).filter(|row| self.keeps(inventory, row)).collect()
            }
            _ => inventory.log.rows().filter(|row| self.keeps(inventory, row)).collect(),
        }
    }

    fn keeps(&self, inventory: &Inventory, row: &LogRow) -> bool {
        self.item.is_none_or(|item| row.item == item || is_target_user(row, item))
            && (self.target.is_none() || self.target == row.target)
            && self.action.as_ref().is_none_or(|action| row.action.stored() == action)
            && self.by.is_none_or(|by| row.by == by)
            && self.source.as_ref().is_none_or(|source| row.source.stored() == source)
            && self.search.as_ref().is_none_or(|search| is_found(search, inventory, row))
    }
}

/// A report of a user holds also what was handed to the user.
fn is_target_user(row: &LogRow, item: Holder) -> bool {
    item.kind == HolderKind::User && row.target == Some(item)
}

/// An id without a type (or with an unknown one) is ignored.
fn pair(visit: &Visit, kind: &str, id: &str) -> Option<Holder> {
    let kind = match visit.query.text(kind)?.to_lowercase().as_str() {
        "asset" => HolderKind::Asset,
        "user" => HolderKind::User,
        "location" => HolderKind::Location,
        _ => return None,
    };
    Some(Holder { kind, id: visit.query.number(id)? })
}

/// In the note, in what the asset is called, or in a person's name.
fn is_found(search: &Search, inventory: &Inventory, row: &LogRow) -> bool {
    let finds = |text: &str| search.finds(text);
    row.note.as_deref().is_some_and(finds)
        || asset_words(inventory, row).iter().any(|text| finds(text))
        || row.target.is_some_and(|target| finds(&name_of(inventory, target)))
        || row.item.kind == HolderKind::User && finds(&name_of(inventory, row.item))
}

fn asset_words(inventory: &Inventory, row: &LogRow) -> Vec<String> {
    let asset = match row.item.kind {
        HolderKind::Asset => inventory.find_asset(row.item.id),
        HolderKind::User | HolderKind::Location => None,
    };
    asset.map_or_else(Vec::new, |asset| {
        [Some(asset.tag.clone()), asset.name.clone(), asset.serial.clone()].into_iter().flatten().collect()
    })
}

fn name_of(inventory: &Inventory, holder: Holder) -> String {
    match holder.kind {
        HolderKind::User => inventory.users.get(&holder.id).map(User::full_name).unwrap_or_default(),
        HolderKind::Location | HolderKind::Asset => String::new(),
    }
}

fn shown(inventory: &Inventory, row: &LogRow) -> Value {
    let author = inventory.users.get(&row.by).map_or(Value::Null, |user| {
        json!({
            "id": user.id,
            "name": render::escaped(&user.full_name()),
            "first_name": render::escaped(&user.first_name),
            "last_name": render::optional(user.last_name.as_deref()),
        })
    });
    json!({
        "id": row.id,
        "icon": row.action.icon(),
        "file": null,
        "item": item(inventory, row.item),
        "location": null,
        "created_at": render::moment(Some(row.created_at)),
        "updated_at": render::moment(Some(row.created_at)),
        "next_audit_date": render::day((row.item.kind == HolderKind::Asset).then(|| row.created_at.date())),
        "days_to_next_audit": 0,
        "action_type": row.action.shown(),
        "admin": author,
        "created_by": author,
        "target": row.target.map_or(Value::Null, |target| render::titled(inventory, target)),
        "note": row.note.as_deref().map(markdown::rendered),
        "signature_file": null,
        "log_meta": row.meta,
        "remote_ip": "127.0.0.1",
        "user_agent": row.user_agent,
        "action_source": row.source.stored(),
        "action_date": render::moment(Some(row.action_date)),
    })
}

fn item(inventory: &Inventory, item: Holder) -> Value {
    let serial = match item.kind {
        HolderKind::Asset => inventory.find_asset(item.id).and_then(|asset| asset.serial.as_deref()),
        HolderKind::User | HolderKind::Location => None,
    };
    let mut shown = render::titled(inventory, item);
    shown["serial"] = render::optional(serial);
    shown
}
