//! What an import has done, or would do.

use super::Mode;
use chrono::{DateTime, NaiveDateTime, Utc};
use makerlab_shared::domain::{
    inventory::{AssetSeen, Holder, SnipeitAssetId},
    lent_before::NotAdopted,
    requisition::Period,
};
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    WouldBeAdopted,
    Adopted,
    /// By an earlier import, or lent by us.
    OursAlready,
    NotAdopted,
}

impl Outcome {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WouldBeAdopted => "would be adopted",
            Self::Adopted => "adopted",
            Self::OursAlready => "ours already",
            Self::NotAdopted => "not adopted",
        }
    }
}

/// One asset that is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportRow {
    pub tag: String,
    pub snipeit_asset_id: SnipeitAssetId,
    pub holder: Option<Holder>,
    /// As it stands in Snipe-IT.
    pub email: Option<String>,
    /// By Snipe-IT's clock.
    pub out_since: Option<NaiveDateTime>,
    pub due_at: Option<DateTime<Utc>>,
    pub outcome: Outcome,
    /// Why it is not adopted.
    pub why: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    pub mode: Mode,
    pub rows: Vec<ImportRow>,
}

impl ImportReport {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, rows: Vec::new() }
    }

    pub(super) fn note(&mut self, seen: &AssetSeen, email: Option<String>, adopted: Result<Period, NotAdopted>) {
        let (outcome, due_at, why) = match adopted {
            Ok(period) => (self.on_success(), Some(period.due_at), None),
            Err(NotAdopted::AlreadyOurs) => (Outcome::OursAlready, None, None),
            Err(why) => (Outcome::NotAdopted, None, Some(why.to_string())),
        };
        self.rows.push(ImportRow {
            tag: seen.tag.clone(),
            snipeit_asset_id: seen.id,
            holder: seen.holder,
            email,
            out_since: seen.last_checkout,
            due_at,
            outcome,
            why,
        });
    }

    fn on_success(&self) -> Outcome {
        match self.mode {
            Mode::DryRun => Outcome::WouldBeAdopted,
            Mode::Apply => Outcome::Adopted,
        }
    }

    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }
}
