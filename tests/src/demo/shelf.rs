//! From where the day takes its equipment: any unit of a model, or, in a real inventory, only what it may touch.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use makerlab_shared::domain::id::ModelId;

use super::ground::Inventory;
use crate::stack::{Person, UnitSeen, Wanted};

/// One for each step that can be played there.
const UNITS_NEEDED: usize = 4;

#[derive(Debug)]
pub enum Shelf {
    AnyUnit,
    Named { units: Vec<(ModelId, UnitSeen)>, next: AtomicUsize },
}

impl Shelf {
    pub async fn of(inventory: &Inventory, person: &Person) -> Result<Self> {
        let Inventory::Real(real) = inventory else { return Ok(Self::AnyUnit) };
        let mut units = Vec::new();
        for model in person.models().await? {
            let free = person.units(model.id).await?.into_iter().filter(|unit| unit.is_free);
            units.extend(free.filter(|unit| unit.tag.starts_with(&real.tag_prefix)).map(|unit| (model.id, unit)));
        }
        ensure!(
            units.len() >= UNITS_NEEDED,
            "the demo needs {UNITS_NEEDED} free assets whose tag begins with {}, and found {}: add some to Snipe-IT",
            real.tag_prefix,
            units.len()
        );
        Ok(Self::Named { units, next: AtomicUsize::default() })
    }

    /// Something to ask for, and its model.
    pub async fn take(&self, person: &Person, model: &str) -> Result<(ModelId, Wanted)> {
        match self {
            Self::AnyUnit => {
                let model = person.model_named(model).await?.id;
                Ok((model, Wanted::Any { model, quantity: 1 }))
            }
            Self::Named { units, next } => {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                let (model, unit) = units.get(turn % units.len()).context("the shelf is empty")?;
                Ok((*model, Wanted::Unit(unit.id)))
            }
        }
    }
}
