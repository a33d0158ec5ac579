//! The label of a unit that is promised: set while somebody is to get it, taken back when that is over, and never over a
//! label that somebody else has set meanwhile.

use super::inventory::{AssetSeen, SnipeitLabelId};

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
}

/// What is to be done about a unit's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelStep {
    /// Note it, then set its label.
    Reserve(Reservation),
    /// Set the one that was there before, then forget it.
    TakeBack(Reservation),
    /// Somebody has set another label, or it was never set: nothing of ours is left.
    Forget,
    Leave,
}

/// `label`: the one for what is reserved; `None`: none was chosen, or it fits nothing.
pub fn next_step(wanted: Wanted, label: Option<SnipeitLabelId>, seen: &AssetSeen) -> LabelStep {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{Holder, LabelKind, LabelSeen, SnipeitAssetId, SnipeitModelId, SnipeitUserId};

    const READY: SnipeitLabelId = SnipeitLabelId(2);
    const RESERVED: SnipeitLabelId = SnipeitLabelId(4);
    const REPAIR: SnipeitLabelId = SnipeitLabelId(5);
    const SET: Reservation = Reservation { label: RESERVED, over: READY };

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
            purchase_cost: None,
        }
    }

    #[test]
    fn a_promised_unit_is_reserved_once_and_gets_its_own_label_back() {
        let step = |is_promised, set, label| next_step(Wanted { is_promised, set }, Some(RESERVED), &labelled(label));

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
        let step = |is_promised, set, label| next_step(Wanted { is_promised, set }, Some(RESERVED), &labelled(label));

        assert_eq!(step(true, Some(SET), REPAIR), LabelStep::Leave);
        assert_eq!(step(false, Some(SET), REPAIR), LabelStep::Forget);
        assert_eq!(step(true, None, REPAIR), LabelStep::Leave);
        assert_eq!(step(true, None, RESERVED), LabelStep::Leave, "a person has reserved it for something else");
        assert_eq!(step(false, None, RESERVED), LabelStep::Leave);
    }

    #[test]
    fn what_is_out_is_not_reserved_and_what_was_reserved_gets_its_label_back_while_it_is_out() {
        let out = |label| AssetSeen { holder: Some(Holder::user(SnipeitUserId(7))), ..labelled(label) };

        assert_eq!(next_step(Wanted { is_promised: true, set: None }, Some(RESERVED), &out(READY)), LabelStep::Leave);
        let done = Wanted { is_promised: false, set: Some(SET) };
        assert_eq!(next_step(done, None, &out(RESERVED)), LabelStep::TakeBack(SET));
    }

    #[test]
    fn without_a_label_for_it_nothing_is_reserved() {
        assert_eq!(next_step(Wanted { is_promised: true, set: None }, None, &labelled(READY)), LabelStep::Leave);
    }
}
