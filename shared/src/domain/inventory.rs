//! What Snipe-IT says, in our words: the asset as last seen, and what became of a write.
//!
//! Pure values. The worker's client turns HTTP into these; the protocol decides by them and by nothing else.

use super::money::Cents;
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

macro_rules! snipeit_id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

snipeit_id! {
    /// The number of an asset in Snipe-IT (`/hardware/{id}`).
    SnipeitAssetId,
    /// The number of an asset model in Snipe-IT.
    SnipeitModelId,
    /// The number of a user in Snipe-IT.
    SnipeitUserId,
    /// The number of a status label in Snipe-IT.
    SnipeitLabelId,
}

/// Who or what holds an asset. Snipe-IT counts users, locations and assets apart: compare kind *and* id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Holder {
    pub kind: HolderKind,
    pub id: i64,
}

impl Holder {
    pub fn user(id: SnipeitUserId) -> Self {
        Self { kind: HolderKind::User, id: id.0 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderKind {
    User,
    Location,
    Asset,
}

/// The type of a status label; only `Deployable` lets an asset be checked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    Deployable,
    Pending,
    Undeployable,
    Archived,
}

/// One asset as Snipe-IT showed it. Dates are naive: wall time of the Snipe-IT server (`SNIPEIT_TIMEZONE`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetSeen {
    pub id: SnipeitAssetId,
    pub tag: String,
    pub name: Option<String>,
    pub serial: Option<String>,
    pub model_id: SnipeitModelId,
    pub label: LabelSeen,
    pub holder: Option<Holder>,
    /// Set by a check-out, kept by a check-in: the witness of the protocol.
    pub last_checkout: Option<NaiveDateTime>,
    pub last_checkin: Option<NaiveDateTime>,
    pub expected_checkin: Option<NaiveDate>,
    pub updated_at: Option<NaiveDateTime>,
    pub deleted: bool,
    #[serde(default)]
    pub particulars: Particulars,
}

/// What is shown to people. Nothing is decided by it, so what cannot be read is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Particulars {
    pub purchase_cost: Option<Cents>,
    /// Where it is at the moment, by the place's name.
    pub location: Option<String>,
    /// Where it lives.
    pub home_location: Option<String>,
    /// Whether Snipe-IT's own request button is offered for it.
    pub requestable: Option<bool>,
}

impl AssetSeen {
    /// Whether Snipe-IT would let this asset be checked out now: deployable label, nobody holds it, not deleted.
    pub fn is_available(&self) -> bool {
        self.holder.is_none() && !self.deleted && self.label.kind == LabelKind::Deployable
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelSeen {
    pub id: SnipeitLabelId,
    pub name: String,
    pub kind: LabelKind,
}

/// An asset by which one inventory is told from another: numbers and tags rarely agree by accident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landmark {
    pub id: SnipeitAssetId,
    pub tag: String,
}

/// Of fewer, one person renames or removes half in an hour, and they tell nothing.
const LEAST_LANDMARKS: usize = 3;

/// Whether there are enough landmarks to tell another inventory by them.
pub fn are_telling(landmarks: &[Landmark]) -> bool {
    landmarks.len() >= LEAST_LANDMARKS
}

/// Whether landmarks stand where they stood, given the tag that each number has now. Single assets are renamed and
/// removed by people; most of them at once are not.
pub fn is_same_inventory(landmarks: &[(Landmark, Option<String>)]) -> bool {
    let moved = landmarks.iter().filter(|(landmark, tag)| tag.as_ref() != Some(&landmark.tag)).count();
    landmarks.is_empty() || moved * 2 < landmarks.len()
}

/// What became of a write, decided by the table of the protocol: body before code, never by text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// 200 with `status: success`.
    Applied,
    /// 422, or 200 with `status: error`. The message is Snipe-IT's, translated to its owner's language: shown, never matched.
    Refused { message: String },
    /// Nothing can have happened.
    NotApplied { why: NotApplied },
    /// The request may have taken effect, now or within the server's request limit.
    Unknown { what: String },
}

/// Why a call certainly had no effect (or, for a read, gave no answer).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum NotApplied {
    /// DNS, TLS or the connection itself failed: no byte of the request left.
    Unreachable { what: String },
    /// 429: the call budget of the Snipe-IT user is used up.
    Throttled,
    /// 401, 403, 404 or 405 on an endpoint, 302 to a login page: the installation is wrong, not this request.
    Installation { what: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn landmark(id: i64, tag: &str, now: Option<&str>) -> (Landmark, Option<String>) {
        (Landmark { id: SnipeitAssetId(id), tag: tag.to_owned() }, now.map(str::to_owned))
    }

    #[test]
    fn a_renamed_or_removed_asset_makes_no_other_inventory_but_most_of_them_do() {
        let (kept, renamed, gone) = (landmark(1, "A", Some("A")), landmark(2, "B", Some("B2")), landmark(3, "C", None));

        assert!(is_same_inventory(&[kept.clone(), kept.clone(), renamed.clone()]));
        assert!(is_same_inventory(&[kept.clone(), kept.clone(), gone.clone()]));
        assert!(!is_same_inventory(&[kept.clone(), renamed.clone()]));
        assert!(!is_same_inventory(&[kept, renamed, gone]));
        assert!(is_same_inventory(&[]));
    }

    #[test]
    fn one_or_two_assets_tell_no_inventory_from_another() {
        let landmarks = ["A", "B", "C"].map(|tag| landmark(1, tag, None).0);

        assert!(!are_telling(&landmarks[..0]));
        assert!(!are_telling(&landmarks[..2]));
        assert!(are_telling(&landmarks));
    }
}
