//! How much of what was kept stays kept: what a requisition that waits for a decision asks for, and no more.

use crate::domain::id::{EquipmentId, ModelId, RequisitionId};
use std::collections::{BTreeMap, BTreeSet};

/// What of one model waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// Units that nobody named.
    pub any: i32,
    pub named: BTreeSet<EquipmentId>,
}

/// Of what was kept of a model for a requisition no more than this stays kept: neither what it does not ask for, nor what
/// it has promised by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldLimit {
    pub requisition_id: RequisitionId,
    pub model_id: ModelId,
    pub claim: Claim,
}

impl Claim {
    /// Of lines: the model, the unit if it is named, and how many.
    pub fn of_lines(lines: impl IntoIterator<Item = (ModelId, Option<EquipmentId>, i32)>) -> BTreeMap<ModelId, Self> {
        let mut claims = BTreeMap::<ModelId, Self>::new();
        for (model, unit, quantity) in lines {
            let claim = claims.entry(model).or_default();
            match unit {
                Some(unit) => drop(claim.named.insert(unit)),
                None => claim.any += quantity,
            }
        }
        claims
    }

    /// Whether it could be served by these units: it asks for any, or names one of them.
    pub fn asks_for_one_of(&self, units: &[EquipmentId]) -> bool {
        self.any > 0 || units.iter().any(|unit| self.named.contains(unit))
    }

    pub fn units(&self) -> i32 {
        self.any + i32::try_from(self.named.len()).unwrap_or(i32::MAX)
    }
}
