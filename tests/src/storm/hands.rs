//! People at Snipe-IT's own web interface, in the middle of it all. What they do stands in the ledger, so the checker
//! knows.

use std::{collections::HashMap, time::Duration};

use chrono::Days;
use makerlab_shared::domain::inventory::HolderKind;
use tokio::time::Instant;

use super::{ground::MODELS, plan::Hand};
use crate::simulator::{ADMIN, Asset, Handover, READY, State};

/// Nobody acts twice on one asset while a call of ours about it may be under way: that somebody else gets it between
/// our look and our request is a residual risk, told in the README, and not what is tested here.
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// Among so many of the suitable units one is picked.
const NEAR: usize = 3 * MODELS;

/// Whoever it is; no borrower of ours.
const SOMEBODY_ELSE: i64 = ADMIN;

pub struct Hands {
    state: State,
    touched: HashMap<i64, Instant>,
}

/// What a person will undo later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    CheckIn(i64),
    Restore(i64),
}

impl Hands {
    pub fn new(state: State) -> Self {
        Self { state, touched: HashMap::new() }
    }

    /// `None` when there is nothing that it could be done to, or nothing to undo.
    pub fn act(&mut self, hand: Hand) -> Option<(Duration, Undo)> {
        match hand {
            Hand::Lend { pick, dated_back, back } => {
                let asset = self.pick(pick, |state, asset| state.inventory().is_available(asset))?;
                let today = self.state.clock().wall().date();
                let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
                let when = if dated_back { Handover::On(yesterday) } else { Handover::Now };
                self.state.hands().check_out(asset, SOMEBODY_ELSE, when).ok()?;
                Some((back, Undo::CheckIn(asset)))
            }
            Hand::TakeBack { pick } => {
                let asset = self.pick(pick, |_, asset| is_ours(asset))?;
                // It may have come back this very moment.
                let _ = self.state.hands().check_in(asset);
                None
            }
            Hand::Archive { pick, back } => {
                let asset = self.pick(pick, |state, asset| state.inventory().is_available(asset))?;
                self.state.hands().archive(asset);
                Some((back, Undo::Restore(asset)))
            }
        }
    }

    pub fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::CheckIn(asset) => {
                let holder = self.state.inventory().find_asset(asset).and_then(|asset| asset.holder);
                if holder.is_some_and(|holder| holder.kind == HolderKind::User && holder.id == SOMEBODY_ELSE) {
                    let _ = self.state.hands().check_in(asset);
                }
                self.touched.insert(asset, Instant::now());
            }
            Undo::Restore(asset) => {
                self.state.hands().set_label(asset, READY);
                self.touched.insert(asset, Instant::now());
            }
        }
    }

    fn pick(&mut self, pick: u32, suits: impl Fn(&State, &Asset) -> bool) -> Option<i64> {
        let assets: Vec<Asset> = self.state.inventory().assets().cloned().collect();
        let suitable: Vec<_> = assets
            .iter()
            .filter(|asset| suits(&self.state, asset))
            .map(|asset| asset.id)
            .filter(|id| self.touched.get(id).is_none_or(|touched| touched.elapsed() > LEFT_ALONE))
            .collect();
        // The first units of each model are the ones that we promise next: people are in our way as often as can be.
        let near = suitable.len().min(NEAR);
        let chosen = *suitable.get(pick as usize % near.max(1))?;
        self.touched.insert(chosen, Instant::now());
        Some(chosen)
    }
}

fn is_ours(asset: &Asset) -> bool {
    asset.holder.is_some_and(|holder| holder.kind == HolderKind::User && holder.id != SOMEBODY_ELSE)
}
