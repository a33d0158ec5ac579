//! The full comparison: whether what a full read shows is what the cache had from sweeps. A row that changed before the
//! last sweep and still differs was missed by it.

use super::{
    equipment::Presence,
    inventory::{AssetSeen, Holder, SnipeitAssetId, SnipeitLabelId, SnipeitModelId},
    money::Cents,
};
use crate::domain::drift::SnipeitClock;
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// Changes of the last seconds before a sweep come with the next one.
const OVERLAP: Duration = Duration::seconds(5);

/// An asset as the cache has it, by what a change in Snipe-IT brings with it. Names of labels, models and places are not in
/// it: their edits touch no asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    pub id: SnipeitAssetId,
    pub model_id: SnipeitModelId,
    pub tag: String,
    pub name: Option<String>,
    pub serial: Option<String>,
    pub label_id: SnipeitLabelId,
    pub presence: Presence,
    pub holder: Option<Holder>,
    pub last_checkout: Option<NaiveDateTime>,
    pub last_checkin: Option<NaiveDateTime>,
    pub expected_checkin: Option<NaiveDate>,
    /// `None`: nobody has read it yet.
    pub requestable: Option<bool>,
    pub purchase_cost: Option<Cents>,
    pub seen_at: DateTime<Utc>,
}

/// An asset whose change no sweep has brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    pub snipeit_asset_id: SnipeitAssetId,
    /// What differed; `asset`: all of it, for the cache did not know it; `label_kind`: what the list of labels said of its
    /// label did not reach it.
    pub fields: Vec<String>,
    /// Or when that list said so. Wall time of the Snipe-IT server.
    pub changed_at: NaiveDateTime,
}

/// By what a page of the full read is compared.
#[derive(Debug, Clone, Copy)]
pub struct Basis {
    /// When the last sweep asked for the list of which this is a page.
    pub swept_at: DateTime<Utc>,
    /// When the full read did.
    pub asked_at: DateTime<Utc>,
    pub clock: SnipeitClock,
}

/// `None`: they agree, or the change is not older than the last sweep. A full read must have ended well before, so that what
/// the cache does not know appeared since.
pub fn find_missed(seen: &AssetSeen, cached: Option<&Cached>, basis: Basis) -> Option<Missed> {
    let changed_at = seen.updated_at?;
    let is_older = basis.clock.instant(changed_at).is_some_and(|at| at + OVERLAP < basis.swept_at);
    let fields = match cached {
        // Something fresher than this page may stand in the cache by now.
        Some(cached) if cached.seen_at < basis.asked_at => differing(seen, cached),
        None => vec!["asset"],
        Some(_) => Vec::new(),
    };
    let fields: Vec<String> = fields.into_iter().map(str::to_owned).collect();
    (is_older && !fields.is_empty()).then_some(Missed { snipeit_asset_id: seen.id, fields, changed_at })
}

fn differing(seen: &AssetSeen, cached: &Cached) -> Vec<&'static str> {
    let requestable = seen.particulars.requestable;
    let differs = [
        ("model", seen.model_id != cached.model_id),
        ("tag", seen.tag != cached.tag),
        ("name", seen.name != cached.name),
        ("serial", seen.serial != cached.serial),
        ("label", seen.label.id != cached.label_id),
        ("presence", Presence::of(seen) != cached.presence),
        ("holder", seen.holder != cached.holder),
        ("last_checkout", seen.last_checkout != cached.last_checkout),
        ("last_checkin", seen.last_checkin != cached.last_checkin),
        ("expected_checkin", seen.expected_checkin != cached.expected_checkin),
        ("requestable", cached.requestable.is_some() && requestable.is_some() && requestable != cached.requestable),
        ("purchase_cost", seen.particulars.purchase_cost != cached.purchase_cost),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{HolderKind, LabelKind, LabelSeen, Particulars};

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
            particulars: Particulars::default(),
        }
    }

    fn cached() -> Cached {
        Cached {
            id: SnipeitAssetId(1),
            tag: "ML-1".to_owned(),
            name: None,
            serial: None,
            model_id: SnipeitModelId(1),
            label_id: SnipeitLabelId(2),
            presence: Presence::Listed,
            holder: None,
            last_checkout: None,
            last_checkin: None,
            expected_checkin: None,
            requestable: None,
            purchase_cost: None,
            seen_at: utc("2026-01-09T10:00:00Z"),
        }
    }

    fn basis() -> Basis {
        let (swept_at, asked_at) = (utc(SWEPT), utc(ASKED));
        Basis { swept_at, asked_at, clock: clock() }
    }

    fn missed(seen: &AssetSeen, cached: &Cached) -> Option<Missed> {
        find_missed(seen, Some(cached), basis())
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
        assert_eq!(find_missed(&seen, Some(&cached()), Basis { swept_at, asked_at, ..basis() }), None);
    }

    #[test]
    fn whatever_a_change_brings_is_compared() {
        let shown = AssetSeen { name: None, ..seen("2026-01-10T09:30:00") };
        let day = "2026-02-01".parse().unwrap();
        let cases: [(&str, Cached); 12] = [
            ("model", Cached { model_id: SnipeitModelId(2), ..cached() }),
            ("tag", Cached { tag: "ML-2".to_owned(), ..cached() }),
            ("name", Cached { name: Some("of before".to_owned()), ..cached() }),
            ("serial", Cached { serial: Some("SN".to_owned()), ..cached() }),
            ("label", Cached { label_id: SnipeitLabelId(4), ..cached() }),
            ("presence", Cached { presence: Presence::Archived, ..cached() }),
            ("holder", Cached { holder: Some(Holder { kind: HolderKind::Location, id: 1 }), ..cached() }),
            ("last_checkout", Cached { last_checkout: shown.updated_at, ..cached() }),
            ("last_checkin", Cached { last_checkin: shown.updated_at, ..cached() }),
            ("expected_checkin", Cached { expected_checkin: Some(day), ..cached() }),
            ("requestable", Cached { requestable: Some(true), ..cached() }),
            ("purchase_cost", Cached { purchase_cost: Cents::parse("9.90"), ..cached() }),
        ];
        let particulars = Particulars { requestable: Some(false), ..Particulars::default() };
        let shown = AssetSeen { particulars, ..shown };
        assert_eq!(missed(&shown, &cached()), None, "what nobody had read before is not compared");
        for (field, cached) in cases {
            assert_eq!(missed(&shown, &cached).unwrap().fields, [field]);
        }
    }

    #[test]
    fn what_the_cache_does_not_know_was_missed_unless_the_next_sweep_brings_it() {
        let shown = seen("2026-01-10T09:30:00");
        assert_eq!(find_missed(&shown, None, basis()).unwrap().fields, ["asset"]);
        assert_eq!(find_missed(&seen("2026-01-10T10:00:10"), None, basis()), None);
    }
}
