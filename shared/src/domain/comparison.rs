//! The full comparison: whether what a full read shows is what the cache had from sweeps. A row that changed before the
//! last sweep and still differs was missed by it.

use super::{
    equipment::Presence,
    inventory::{AssetSeen, Holder, SnipeitAssetId, SnipeitLabelId},
};
use crate::domain::drift::SnipeitClock;
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// Changes of the last seconds before a sweep come with the next one.
const OVERLAP: Duration = Duration::seconds(5);

/// An asset as the cache has it, by what a change in Snipe-IT brings with it. Names of labels and models are not in it:
/// their edits touch no asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    pub id: SnipeitAssetId,
    pub tag: String,
    pub name: Option<String>,
    pub serial: Option<String>,
    pub label_id: SnipeitLabelId,
    pub presence: Presence,
    pub holder: Option<Holder>,
    pub last_checkout: Option<NaiveDateTime>,
    pub last_checkin: Option<NaiveDateTime>,
    pub seen_at: DateTime<Utc>,
}

/// An asset whose change no sweep has brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    pub snipeit_asset_id: SnipeitAssetId,
    /// What differed.
    pub fields: Vec<String>,
    /// Wall time of the Snipe-IT server.
    pub changed_at: NaiveDateTime,
}

/// `None`: they agree, or the change is not older than the last sweep. `swept_at`: when that asked for the list in which
/// the asset stands now; `asked_at`: when the full read did.
pub fn find_missed(
    seen: &AssetSeen,
    presence: Presence,
    cached: &Cached,
    swept_at: DateTime<Utc>,
    asked_at: DateTime<Utc>,
    clock: SnipeitClock,
) -> Option<Missed> {
    let changed_at = seen.updated_at?;
    let is_older = clock.instant(changed_at).is_some_and(|at| at + OVERLAP < swept_at);
    // Something fresher than this page may stand in the cache by now.
    if !is_older || cached.seen_at >= asked_at {
        return None;
    }
    let differs = [
        ("tag", seen.tag != cached.tag),
        ("name", seen.name != cached.name),
        ("serial", seen.serial != cached.serial),
        ("label", seen.label.id != cached.label_id),
        ("presence", presence != cached.presence),
        ("holder", seen.holder != cached.holder),
        ("last_checkout", seen.last_checkout != cached.last_checkout),
        ("last_checkin", seen.last_checkin != cached.last_checkin),
    ];
    let fields: Vec<String> =
        differs.iter().filter(|(_, differs)| *differs).map(|(name, _)| (*name).to_owned()).collect();
    (!fields.is_empty()).then_some(Missed { snipeit_asset_id: seen.id, fields, changed_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{LabelKind, LabelSeen, SnipeitModelId};

    const SWEPT: &str = "2026-01-10T10:00:00Z";
    const ASKED: &str = "2026-01-10T10:00:30Z";

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn clock() -> SnipeitClock {
        SnipeitClock { zone: chrono_tz::Europe::Lisbon, offset: Duration::zero(), lab: chrono_tz::Europe::Lisbon }
    }

    /// Renamed at this moment.
    fn seen(changed_at: &str) -> AssetSeen {
        AssetSeen {
            id: SnipeitAssetId(1),
            tag: "ML-1".to_owned(),
            name: Some("renamed".to_owned()),
            serial: None,
            model_id: SnipeitModelId(1),
            label: LabelSeen { id: SnipeitLabelId(2), name: "Ready".to_owned(), kind: LabelKind::Deployable },
            holder: None,
            last_checkout: None,
            last_checkin: None,
            expected_checkin: None,
            updated_at: Some(changed_at.parse().unwrap()),
            deleted: false,
            purchase_cost: None,
        }
    }

    fn cached() -> Cached {
        Cached {
            id: SnipeitAssetId(1),
            tag: "ML-1".to_owned(),
            name: None,
            serial: None,
            label_id: SnipeitLabelId(2),
            presence: Presence::Listed,
            holder: None,
            last_checkout: None,
            last_checkin: None,
            seen_at: utc("2026-01-09T10:00:00Z"),
        }
    }

    fn missed(seen: &AssetSeen, cached: &Cached) -> Option<Missed> {
        find_missed(seen, Presence::Listed, cached, utc(SWEPT), utc(ASKED), clock())
    }

    #[test]
    fn a_change_from_before_the_last_sweep_that_the_cache_does_not_have_was_missed() {
        let missed = missed(&seen("2026-01-10T09:30:00"), &cached()).unwrap();
        assert_eq!(missed.fields, ["name"]);
    }

    #[test]
    fn a_change_since_the_last_sweep_comes_with_the_next_one() {
        assert_eq!(missed(&seen("2026-01-10T10:00:10"), &cached()), None);
        assert_eq!(missed(&seen("2026-01-10T09:59:57"), &cached()), None, "and so does one of the same seconds");
    }

    #[test]
    fn what_agrees_or_was_read_later_than_this_page_was_not_missed() {
        let same = Cached { name: Some("renamed".to_owned()), ..cached() };
        assert_eq!(missed(&seen("2026-01-10T09:30:00"), &same), None);
        let fresher = Cached { seen_at: utc(ASKED), ..cached() };
        assert_eq!(missed(&seen("2026-01-10T09:30:00"), &fresher), None);
    }

    #[test]
    fn in_the_hour_that_occurs_twice_nothing_is_called_missed() {
        let seen = seen("2026-10-25T01:30:00");
        let (swept_at, asked_at) = (utc("2026-10-25T03:00:00Z"), utc("2026-10-25T03:01:00Z"));
        assert_eq!(find_missed(&seen, Presence::Listed, &cached(), swept_at, asked_at, clock()), None);
    }
}
