//! The label of a unit that is promised: set while somebody is to get it, taken back when that is over, and never over a
//! label that somebody else has set meanwhile.

use super::{
    change::{Change, Write},
    finding::{FindingKind, NewFinding},
    id::{EquipmentId, FindingId},
    inventory::{AssetSeen, SnipeitLabelId},
    requisition::ReturnCondition,
};
use serde_json::json;
use std::time::Duration;

/// After the first refusal; each next pause is four times as long.
const FIRST_PAUSE: Duration = Duration::from_secs(10 * 60);
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// A label of ours on a unit, and the one that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    pub label: SnipeitLabelId,
    pub over: SnipeitLabelId,
}

/// What our record says of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// It waits for whom it is promised to.
    pub is_promised: bool,
    /// What we set, or were about to.
    pub set: Option<Reservation>,
    /// What was said of it, which its label is to say.
    pub told_as: Option<ReturnCondition>,
}

/// The labels that the lab has chosen, as far as they fit; `None`: none is set for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Labels {
    pub reserved: Option<SnipeitLabelId>,
    pub damaged: Option<SnipeitLabelId>,
    pub lost: Option<SnipeitLabelId>,
}

impl Labels {
    fn of(self, condition: ReturnCondition) -> Option<SnipeitLabelId> {
        match condition {
            ReturnCondition::Fine | ReturnCondition::Incomplete => None,
            ReturnCondition::Damaged => self.damaged,
            ReturnCondition::Lost => self.lost,
        }
    }
}

/// What is to be done about a unit's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelStep {
    /// Set the label for what was said of it, then forget that.
    Tell(SnipeitLabelId),
    /// Its label tells enough, or nothing is to be told: forget what was said.
    Told,
    /// Note it, then set its label.
    Reserve(Reservation),
    /// Set the one that was there before, then forget it.
    TakeBack(Reservation),
    /// Somebody has set another label, or it was never set: nothing of ours is left.
    Forget,
    Leave,
}

/// What was said of its condition comes before what is reserved.
pub fn next_step(wanted: Wanted, labels: Labels, seen: &AssetSeen) -> LabelStep {
    let Some(condition) = wanted.told_as else { return reserve(wanted, labels.reserved, seen) };
    match labels.of(condition) {
        Some(label) if seen.is_available() && seen.label.id != label => LabelStep::Tell(label),
        Some(_) | None => LabelStep::Told,
    }
}

fn reserve(wanted: Wanted, label: Option<SnipeitLabelId>, seen: &AssetSeen) -> LabelStep {
    match (wanted.set, wanted.is_promised) {
        (None, true) => match label.filter(|label| seen.is_available() && seen.label.id != *label) {
            Some(label) => LabelStep::Reserve(Reservation { label, over: seen.label.id }),
            None => LabelStep::Leave,
        },
        (None, false) => LabelStep::Leave,
        // It was noted, and nobody knows whether it was set.
        (Some(set), true) if seen.label.id == set.over && seen.is_available() => LabelStep::Reserve(set),
        (Some(_), true) => LabelStep::Leave,
        (Some(set), false) if seen.label.id == set.label && !seen.deleted => LabelStep::TakeBack(set),
        (Some(_), false) => LabelStep::Forget,
    }
}

/// Snipe-IT has refused it so often in a row, this time too: when to try again, and what to tell. It is told once, whatever
/// becomes of the finding.
pub fn refused(unit: EquipmentId, seen: &AssetSeen, times: u32, message: &str) -> (Duration, Change) {
    let pause = FIRST_PAUSE.saturating_mul(4_u32.saturating_pow(times.saturating_sub(1))).min(LONGEST_PAUSE);
    let finding = NewFinding {
        id: FindingId::generate(),
        kind: FindingKind::LabelRefused,
        subject_id: unit.0,
        requisition_id: None,
        summary: "Snipe-IT refuses to change the label of a unit, which is to say whether it is promised.".to_owned(),
        evidence: json!({ "snipeit_asset_id": seen.id, "tag": seen.tag, "label": seen.label.name, "refusal": message }),
    };
    let findings = if times == 1 { vec![finding] } else { Vec::new() };
    (pause, Change { writes: vec![Write::NoteLabelRefused(unit, times)], findings, ..Change::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{
        Holder, LabelKind, LabelSeen, Particulars, SnipeitAssetId, SnipeitModelId, SnipeitUserId,
    };

    const READY: SnipeitLabelId = SnipeitLabelId(2);
    const RESERVED: SnipeitLabelId = SnipeitLabelId(4);
    const REPAIR: SnipeitLabelId = SnipeitLabelId(5);
    const SET: Reservation = Reservation { label: RESERVED, over: READY };

    const LABELS: Labels = Labels { reserved: Some(RESERVED), damaged: Some(REPAIR), lost: None };

    fn labelled(label: SnipeitLabelId) -> AssetSeen {
        let kind = if label == REPAIR { LabelKind::Undeployable } else { LabelKind::Deployable };
        AssetSeen {
            id: SnipeitAssetId(1),
            tag: "ML-1".to_owned(),
            name: None,
            serial: None,
            model_id: SnipeitModelId(1),
            label: LabelSeen { id: label, name: String::new(), kind },
            holder: None,
            last_checkout: None,
            last_checkin: None,
            expected_checkin: None,
            updated_at: None,
            deleted: false,
            particulars: Particulars::default(),
        }
    }

    #[test]
    fn a_promised_unit_is_reserved_once_and_gets_its_own_label_back() {
        let step =
            |is_promised, set, label| next_step(Wanted { is_promised, set, told_as: None }, LABELS, &labelled(label));

        assert_eq!(step(true, None, READY), LabelStep::Reserve(SET));
        assert_eq!(
            step(true, Some(SET), READY),
            LabelStep::Reserve(SET),
            "nobody knows whether the first one was sent"
        );
        assert_eq!(step(true, Some(SET), RESERVED), LabelStep::Leave);
        assert_eq!(step(false, Some(SET), RESERVED), LabelStep::TakeBack(SET));
        assert_eq!(step(false, Some(SET), READY), LabelStep::Forget);
    }

    #[test]
    fn a_label_of_somebody_else_is_never_touched() {
        let step =
            |is_promised, set, label| next_step(Wanted { is_promised, set, told_as: None }, LABELS, &labelled(label));

        assert_eq!(step(true, Some(SET), REPAIR), LabelStep::Leave);
        assert_eq!(step(false, Some(SET), REPAIR), LabelStep::Forget);
        assert_eq!(step(true, None, REPAIR), LabelStep::Leave);
        assert_eq!(step(true, None, RESERVED), LabelStep::Leave, "a person has reserved it for something else");
        assert_eq!(step(false, None, RESERVED), LabelStep::Leave);
    }

    #[test]
    fn what_is_out_is_not_reserved_and_what_was_reserved_gets_its_label_back_while_it_is_out() {
        let out = |label| AssetSeen { holder: Some(Holder::user(SnipeitUserId(7))), ..labelled(label) };

        assert_eq!(
            next_step(Wanted { is_promised: true, set: None, told_as: None }, LABELS, &out(READY)),
            LabelStep::Leave
        );
        let done = Wanted { is_promised: false, set: Some(SET), told_as: None };
        assert_eq!(next_step(done, Labels::default(), &out(RESERVED)), LabelStep::TakeBack(SET));
    }

    #[test]
    fn what_was_said_of_a_unit_is_told_once_and_never_over_what_a_technician_has_set() {
        let told_as = |condition| Wanted { is_promised: true, set: Some(SET), told_as: Some(condition) };
        let step = |condition, label| next_step(told_as(condition), LABELS, &labelled(label));
        let out = AssetSeen { holder: Some(Holder::user(SnipeitUserId(7))), ..labelled(READY) };

        assert_eq!(step(ReturnCondition::Damaged, READY), LabelStep::Tell(REPAIR));
        assert_eq!(step(ReturnCondition::Damaged, RESERVED), LabelStep::Tell(REPAIR));
        assert_eq!(step(ReturnCondition::Damaged, REPAIR), LabelStep::Told);
        assert_eq!(step(ReturnCondition::Lost, READY), LabelStep::Told, "the lab has chosen none");
        assert_eq!(next_step(told_as(ReturnCondition::Damaged), LABELS, &out), LabelStep::Told);
    }

    #[test]
    fn a_refusal_is_told_once_and_the_next_try_comes_ever_later() {
        let unit = EquipmentId::generate();
        let tries = (1..8).map(|times| refused(unit, &labelled(RESERVED), times, "Not now"));
        let told: Vec<_> = tries.map(|(pause, change)| (pause.as_secs() / 60, !change.findings.is_empty())).collect();
        assert_eq!(
            told,
            [(10, true), (40, false), (160, false), (640, false), (1440, false), (1440, false), (1440, false)]
        );
        assert_eq!(refused(unit, &labelled(RESERVED), u32::MAX, "").0, LONGEST_PAUSE);
    }

    #[test]
    fn without_a_label_for_it_nothing_is_reserved() {
        assert_eq!(
            next_step(Wanted { is_promised: true, set: None, told_as: None }, Labels::default(), &labelled(READY)),
            LabelStep::Leave
        );
    }
}
