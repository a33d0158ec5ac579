//! A restless person at Snipe-IT's own screen.

use chrono::Duration;
use makerlab_shared::domain::inventory::{Holder, HolderKind, LabelKind, Landmark, is_same_inventory};

use super::dice::Dice;
use crate::simulator::{Asset, Handover, Hands, Named, NewAsset, NewModel, OUT_FOR_REPAIR, READY, RESERVED, State};

/// A label that no seed names otherwise.
const LOST: i64 = 6;
const PLACES: i64 = 6;
/// Students of the simulator whom no loan is for.
const STRANGERS: (i64, i64) = (2, 12);

pub(super) struct Person {
    state: State,
    dice: Dice,
    /// Units that loans of ours are about: of interest to everybody.
    pub lent: Vec<i64>,
    /// By these the inventory is known again, as the last full sync remembered them.
    pub landmarks: Vec<Landmark>,
    /// Our borrower there.
    borrower: i64,
    pub acts: usize,
    /// Assets that were edited at once, with others.
    pub in_bulk: usize,
}

impl Person {
    pub fn new(state: State, dice: Dice, borrower: i64) -> Self {
        Self { state, dice, lent: Vec::new(), landmarks: Vec::new(), borrower, acts: 0, in_bulk: 0 }
    }

    /// Does one thing, if it can be done.
    pub fn act(&mut self) {
        self.acts += 1;
        match self.dice.below(1000) {
            0..700 => {
                if let Some(asset) = self.any_asset() {
                    self.handle(&asset);
                }
            }
            700..970 => self.hand_around(),
            970..982 => self.add(),
            982..985 => self.edit_in_bulk(),
            _ => self.edit_lists(),
        }
    }

    /// Edits one asset.
    fn handle(&mut self, asset: &Asset) {
        let (hands, id) = (self.hands(), asset.id);
        if asset.deleted_at.is_some() {
            let is_precious = !self.may_move(id) || self.lent.contains(&id);
            return match self.dice.below(3) {
                0 if !is_precious => hands.purge(id),
                _ => hands.restore(id),
            };
        }
        match self.dice.below(16) {
            0 | 1 => hands.rename(id, &self.odd_name()),
            2 if self.may_move(id) => hands.retag(id, &format!("T{}-{id}", self.acts)),
            3 => {
                let models: Vec<i64> = self.living_models();
                hands.set_model(id, self.dice.pick(&models).unwrap_or(asset.model_id));
            }
            4 => hands.set_place(id, self.dice.between(1, PLACES)),
            5 | 6 => hands.archive(id),
            7 => hands.set_label(id, self.dice.pick(&[READY, RESERVED, OUT_FOR_REPAIR, LOST]).unwrap_or(READY)),
            8 | 9 => hands.set_label(id, READY),
            10 => hands.delete(id),
            11 | 12 => {
                let day = self.state.clock().wall().date() + Duration::days(self.dice.between(1, 60));
                hands.expect_back(id, day);
            }
            13 => hands.expect_back_any_day(id),
            14 => hands.set_requestable(id, !asset.requestable),
            _ if asset.holder.is_some() && self.dice.percent(30) => hands.take_away(id),
            _ => hands.rename(id, "as before"),
        }
    }

    /// Checks something in or out, often the same thing twice within a second.
    fn hand_around(&mut self) {
        let Some(asset) = self.any_asset() else { return };
        let hands = self.hands();
        if asset.holder.is_some() && hands.check_in(asset.id).is_ok() && self.dice.percent(50) {
            return;
        }
        let holder = match self.dice.below(10) {
            0..5 => Holder { kind: HolderKind::User, id: self.dice.between(STRANGERS.0, STRANGERS.1) },
            5 | 6 => Holder { kind: HolderKind::User, id: self.borrower },
            7 | 8 => Holder { kind: HolderKind::Location, id: self.dice.between(1, PLACES) },
            _ => Holder { kind: HolderKind::Asset, id: self.any_asset().map_or(asset.id, |other| other.id) },
        };
        let exists = self.state.inventory().has_target(holder);
        if !exists || (holder == Holder { kind: HolderKind::Asset, id: asset.id }) {
            return;
        }
        let when = match self.dice.percent(20) {
            true => Handover::On(self.state.clock().wall().date()),
            false => Handover::Now,
        };
        // Somebody may hold it, or its label forbids it: the screen says so, and nothing happens.
        let _refused = hands.check_out_to(asset.id, holder, when);
    }

    fn add(&mut self) {
        let hands = self.hands();
        let models = self.living_models();
        let model = match (self.dice.percent(25), self.dice.pick(&models)) {
            (false, Some(model)) => model,
            (true, _) | (false, None) => hands.create_model(NewModel {
                name: format!("New model {}", self.acts),
                number: None,
                category: Named::new(1, "Category 1"),
                manufacturer: None,
                has_fieldset: false,
            }),
        };
        hands.create_asset(NewAsset { name: Some(self.odd_name()), ..NewAsset::of_model(model) });
    }

    /// More than a page of them, all in one second.
    fn edit_in_bulk(&mut self) {
        let page = self.state.product().max_results();
        let (name, most) = (self.odd_name(), page + page / 2);
        let hands = self.hands();
        let all: Vec<i64> = self.state.inventory().assets().map(|asset| asset.id).collect();
        let first = self.dice.below(all.len().saturating_sub(most));
        let chosen = all.iter().skip(first).take(most);
        self.in_bulk += chosen.inspect(|id| hands.rename(**id, &name)).count();
    }

    fn edit_lists(&mut self) {
        let hands = self.hands();
        let label = self.dice.pick(&[RESERVED, OUT_FOR_REPAIR, LOST]).unwrap_or(LOST);
        let models = self.living_models();
        let model = self.dice.pick(&models).unwrap_or(1);
        match self.dice.below(7) {
            0 => hands.rename_label(label, &format!("Label {label} of {}", self.acts)),
            1 | 2 => {
                use LabelKind::{Archived, Deployable, Pending, Undeployable};
                let kind = self.dice.pick(&[Deployable, Pending, Undeployable, Archived]).unwrap_or(Pending);
                hands.set_label_kind(label, kind);
            }
            3 => hands.delete_model(model),
            4 => hands.set_model_image(model, Some(&format!("https://pictures.example/{}.png", self.acts))),
            _ => hands.rename_model(model, &format!("Model {model} & <co> of {}", self.acts)),
        }
    }

    /// Most of the landmarks are left alone until a full sync has remembered others.
    fn may_move(&self, id: i64) -> bool {
        let inventory = self.state.inventory();
        let tag = |asset: i64| inventory.find_asset(asset).filter(|_| asset != id).map(|asset| asset.tag.clone());
        let then: Vec<_> = self.landmarks.iter().map(|landmark| (landmark.clone(), tag(landmark.id.0))).collect();
        is_same_inventory(&then)
    }

    /// Also a deleted one. What we have lent, and the landmarks, are touched more often than the rest.
    fn any_asset(&mut self) -> Option<Asset> {
        let favoured = match self.dice.below(100) {
            0..15 => self.lent.clone(),
            15..20 => self.landmarks.iter().map(|landmark| landmark.id.0).collect(),
            _ => Vec::new(),
        };
        let favourite = self.dice.pick(&favoured);
        let inventory = self.state.inventory();
        let drawn = self.dice.below(inventory.assets().count());
        favourite.and_then(|id| inventory.find_asset(id)).or_else(|| inventory.assets().nth(drawn)).cloned()
    }

    fn living_models(&self) -> Vec<i64> {
        let inventory = self.state.inventory();
        inventory.models.values().filter(|model| model.deleted_at.is_none()).map(|model| model.id).collect()
    }

    /// What Snipe-IT escapes, and what it does not.
    fn odd_name(&mut self) -> String {
        let name = self.dice.pick(&["Bench", "O'Neill's", "<b>bold</b> & \"new\"", "Ação ☂", "&amp; again"]);
        format!("{} {}", name.unwrap_or_default(), self.acts)
    }

    fn hands(&self) -> Hands {
        self.state.hands()
    }
}
