//! A change of an asset row as the real one makes it: from a snapshot taken earlier, writing only the columns that differ from it.
//!
//! That is why two check-outs that both saw a free asset both succeed, and the last one's holder stays.

use chrono::NaiveDateTime;
use makerlab_shared::domain::inventory::Holder;
use serde_json::{Map, Value, json};

use super::activity_log::{Action, LogRow, Source};
use super::inventory::{Asset, Inventory};
use super::ledger::{By, Effect, EffectKind};
use super::state::State;
use super::visit::Visit;

#[derive(Debug)]
pub(super) struct Change {
    pub(super) before: Asset,
    pub(super) after: Asset,
}

macro_rules! write_changed {
    ($row:expr, $change:expr, $($column:ident),+ $(,)?) => {
        $(if $change.before.$column != $change.after.$column {
            $row.$column = $change.after.$column.clone();
        })+
    };
}

impl Change {
    pub(super) fn of(asset: &Asset) -> Self {
        Self { before: asset.clone(), after: asset.clone() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.before == self.after
    }

    /// Hands the asset over. The label stays, and the place becomes the holder's.
    pub(super) fn hand_over(&mut self, inventory: &Inventory, holder: Holder, at: NaiveDateTime) {
        self.after.holder = Some(holder);
        self.after.location_id = inventory.place_of(holder);
        self.after.last_checkout = Some(at);
    }

    /// Takes the asset back, from whomever.
    pub(super) fn take_back(&mut self, now: NaiveDateTime) {
        self.after.holder = None;
        self.after.expected_checkin = None;
        self.after.last_checkin = Some(now);
        self.after.location_id = self.after.rtd_location_id;
    }

    pub(super) fn save(&self, inventory: &mut Inventory, now: NaiveDateTime) {
        let row = inventory.asset_mut(self.before.id);
        write_changed!(
            row,
            self,
            name,
            model_id,
            label_id,
            holder,
            location_id,
            rtd_location_id,
            notes,
            requestable,
            custom,
            last_checkout,
            last_checkin,
            expected_checkin,
            deleted_at,
        );
        row.updated_at = now;
    }

    /// Old and new of the columns that the log keeps; none when none of them changed.
    pub(super) fn meta(&self, inventory: &Inventory) -> Option<Value> {
        let (old, new) = (&self.before, &self.after);
        let mut meta = Map::new();
        let mut note = |name: &str, old: Value, new: Value| {
            if old != new {
                meta.insert(name.to_owned(), json!({"old": old, "new": new}));
            }
        };
        let date = |asset: &Asset| asset.expected_checkin.map_or(String::new(), |date| date.to_string());
        let place = |asset: &Asset| {
            let place = asset.location_id.and_then(|id| inventory.locations.get(&id));
            place.map_or(String::new(), |place| format!("[id: {}] {}", place.id, place.name))
        };
        let label = |asset: &Asset| {
            let label = inventory.label_of(asset);
            format!("[id: {}] {}", label.id, label.name)
        };
        note("expected_checkin", date(old).into(), date(new).into());
        note("Current Location", place(old).into(), place(new).into());
        note("Status Label", label(old).into(), label(new).into());
        note("name", old.name.clone().into(), new.name.clone().into());
        note("notes", old.notes.clone().into(), new.notes.clone().into());
        (!meta.is_empty()).then_some(meta.into())
    }
}

/// Who makes a change, and what of it the ledger and the log keep.
#[derive(Debug, Clone)]
pub(super) struct Author {
    pub(super) user: i64,
    pub(super) user_agent: Option<String>,
    pub(super) source: Source,
    pub(super) request: Option<u64>,
    pub(super) by: By,
}

impl Author {
    pub(super) fn of(visit: &Visit) -> Self {
        Self {
            user: visit.caller.id,
            user_agent: visit.user_agent.clone(),
            source: Source::Api,
            request: Some(visit.number),
            by: visit.by(),
        }
    }

    /// Tells the ledger. To be called while the tables are still held, so that the ledger's order is the tables' order.
    pub(super) fn record(&self, state: &State, kind: EffectKind, change: &Change, note: Option<&str>) {
        let holder = match kind {
            EffectKind::Checkin => change.before.holder,
            EffectKind::Checkout | EffectKind::Patch | EffectKind::Delete | EffectKind::Restore => change.after.holder,
        };
        state.ledger().record(Effect {
            number: 0,
            asset: change.before.id,
            kind,
            holder,
            last_checkout: change.after.last_checkout,
            note: note.map(str::to_owned),
            marker: None,
            user_agent: self.user_agent.clone(),
            at: state.clock().now(),
            request: self.request,
            by: self.by,
        });
    }

    pub(super) fn log_row(&self, action: Action, asset: i64, now: NaiveDateTime) -> LogRow {
        LogRow {
            id: 0,
            action,
            item: Holder { kind: makerlab_shared::domain::inventory::HolderKind::Asset, id: asset },
            target: None,
            note: None,
            meta: None,
            by: self.user,
            user_agent: self.user_agent.clone(),
            source: self.source,
            created_at: now,
            action_date: now,
        }
    }
}
