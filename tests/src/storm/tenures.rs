//! Who held what when, read off the ledger: a tenure begins with a check-out and ends with a check-in or with the next
//! check-out of the same asset, whoever did it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::simulator::{By, Effect, EffectKind};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenure {
    /// The operation that began it; none for a person's hands.
    pub marker: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A check-in that a program sent, and the tenure that it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    pub marker: Option<String>,
    pub asset: i64,
    pub of: Option<Tenure>,
}

#[derive(Debug, Clone, Default)]
pub struct Tenures {
    /// By the marker of the operation that began them.
    ours: HashMap<String, Tenure>,
    /// Every check-in by a program.
    pub check_ins: Vec<CheckIn>,
}

impl Tenures {
    /// `effects` in the ledger's order.
    pub fn of(effects: &[Effect]) -> Self {
        let mut tenures = Self::default();
        let mut held: HashMap<i64, Tenure> = HashMap::new();
        for effect in effects {
            match effect.kind {
                EffectKind::Checkout => {
                    let next = Tenure { marker: effect.marker.clone(), ended_at: None };
                    tenures.keep(&next);
                    let ended = held.insert(effect.asset, next);
                    tenures.end(ended, effect.at);
                }
                EffectKind::Checkin => {
                    let ended = tenures.end(held.remove(&effect.asset), effect.at);
                    if effect.by != By::Human {
                        let (marker, asset) = (effect.marker.clone(), effect.asset);
                        tenures.check_ins.push(CheckIn { marker, asset, of: ended });
                    }
                }
                EffectKind::Patch | EffectKind::Delete | EffectKind::Restore => {}
            }
        }
        tenures
    }

    /// The tenure that this operation began.
    pub fn find(&self, marker: &str) -> Option<&Tenure> {
        self.ours.get(marker)
    }

    fn keep(&mut self, tenure: &Tenure) {
        if let Some(marker) = &tenure.marker {
            self.ours.insert(marker.clone(), tenure.clone());
        }
    }

    fn end(&mut self, tenure: Option<Tenure>, at: DateTime<Utc>) -> Option<Tenure> {
        let ended = Tenure { ended_at: Some(at), ..tenure? };
        self.keep(&ended);
        Some(ended)
    }
}
