//! Confirming: Snipe-IT's "success" is believed at once, and compared with what Snipe-IT shows at the next sweep.
//!
//! Two simultaneous check-outs can both be answered with success, and people act meanwhile: only a later read tells.

use super::{Operation, OperationKind, OperationState};
use crate::domain::{
    inventory::{AssetSeen, Holder},
    requisition::{Loan, LoanStatus},
};
use chrono::{DateTime, Duration, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// What a sight of the asset says about an effect that Snipe-IT had reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// It is there.
    Confirmed,
    /// It is not there, or not any more.
    NotSeen,
    /// The sight is older than the effect, or there is no effect to confirm.
    NotYet,
}

/// Compares an applied operation with its asset. `seen` is `None` if Snipe-IT does not know the asset; `asked_at` is
/// when it was asked, by the clock that settled the operation.
pub fn confirm(seen: Option<&AssetSeen>, asked_at: DateTime<Utc>, operation: &Operation, loan: &Loan) -> Confirmation {
    let is_awaited = operation.state == OperationState::Applied && operation.confirmed_at.is_none();
    if !is_awaited || operation.settled_at.is_none_or(|settled_at| settled_at >= asked_at) {
        return Confirmation::NotYet;
    }
    let is_there = match operation.kind {
        OperationKind::CheckOut => is_lent(seen, operation, loan),
        OperationKind::CheckIn => !is_tenure_shown(seen, operation),
    };
    if is_there { Confirmation::Confirmed } else { Confirmation::NotSeen }
}

fn is_lent(seen: Option<&AssetSeen>, operation: &Operation, loan: &Loan) -> bool {
    // The end of a loan is settled with evidence of its own, and the asset may have been lent again since.
    if loan.status == LoanStatus::Returned {
        return true;
    }
    let holder = loan.snipeit_user_id.map(Holder::user);
    seen.is_some_and(|seen| {
        seen.last_checkout.is_some() && seen.last_checkout == operation.fingerprint && seen.holder == holder
    })
}

fn is_tenure_shown(seen: Option<&AssetSeen>, operation: &Operation) -> bool {
    let (Some(seen), Some(tenure)) = (seen, operation.tenure) else { return false };
    tenure.is_shown_by(seen)
}

/// An effect fresher than this says something about Snipe-IT's zone: nobody has had time to change the asset again.
const FRESH: Duration = Duration::minutes(5);
/// Zones differ by quarters of an hour.
const TOLERANCE: Duration = Duration::minutes(10);

/// By how much Snipe-IT's naive dates differ from what the configured zone makes of them, if that is too much.
///
/// `updated_at` is what the asset of a confirmed operation shows; `clock_offset` is Snipe-IT's clock minus ours.
pub fn find_zone_error(
    updated_at: NaiveDateTime,
    zone: Tz,
    operation: &Operation,
    asked_at: DateTime<Utc>,
    clock_offset: Duration,
) -> Option<Duration> {
    let settled_at = operation.settled_at.filter(|settled_at| asked_at - *settled_at <= FRESH)?;
    // Settled by its own answer: a look comes later, and would settle an effect of any age.
    if operation.attempts != 1 || operation.look_after.is_none_or(|look_after| settled_at >= look_after) {
        return None;
    }
    let expected = settled_at + clock_offset;
    let shown = zone.from_local_datetime(&updated_at);
    let errors = [shown.earliest(), shown.latest()].into_iter().flatten().map(|shown| shown.to_utc() - expected);
    let smallest = errors.min_by_key(Duration::abs)?;
    (smallest.abs() > TOLERANCE).then_some(smallest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        id::{EquipmentId, LineId, LoanId, OperationId, RequisitionId, UserId},
        inventory::{LabelKind, LabelSeen, Particulars, SnipeitAssetId, SnipeitLabelId, SnipeitModelId, SnipeitUserId},
        operation::Tenure,
        requisition::Period,
    };

    const ANA: SnipeitUserId = SnipeitUserId(7);
    const BRUNO: SnipeitUserId = SnipeitUserId(8);
    const OURS: &str = "2026-01-10T10:00:00";
    const LATER: &str = "2026-01-10T10:02:05";
    const SETTLED: &str = "2026-01-10T10:02:00Z";
    const ASKED: &str = "2026-01-10T10:03:00Z";

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn naive(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn check_out() -> Operation {
        Operation {
            id: OperationId::generate(),
            requisition_id: RequisitionId::generate(),
            loan_id: LoanId::generate(),
            equipment_id: EquipmentId::generate(),
            asset: SnipeitAssetId(1),
            kind: OperationKind::CheckOut,
            state: OperationState::Applied,
            attempts: 1,
            fingerprint: Some(naive(OURS)),
            tenure: None,
            any_unit: true,
            units_tried: 1,
            borrower_looked_up_again: false,
            in_doubt: false,
            refusal: None,
            look_after: Some(utc("2026-01-10T10:04:35Z")),
            requested_by: None,
            settled_at: Some(utc(SETTLED)),
            confirmed_at: None,
            version: 1,
        }
    }

    fn check_in() -> Operation {
        let tenure = Some(Tenure { user: ANA, last_checkout: naive(OURS) });
        Operation { kind: OperationKind::CheckIn, fingerprint: None, tenure, ..check_out() }
    }

    fn loan(status: LoanStatus) -> Loan {
        Loan {
            id: LoanId::generate(),
            requisition_id: RequisitionId::generate(),
            line_id: LineId::generate(),
            equipment_id: EquipmentId::generate(),
            borrower_id: UserId::generate(),
            status,
            period: Period { starts_at: utc(SETTLED), due_at: utc("2026-01-20T10:00:00Z") },
            handed_over_at: None,
            handed_over_by: None,
            checked_out_at: None,
            returned_at: None,
            snipeit_user_id: Some(ANA),
            fingerprint: Some(naive(OURS)),
            failure: None,
            returned_as: None,
            watch: Default::default(),
            return_wished_by: None,
            instead_of: None,
            replaced_at: None,
            version: 1,
        }
    }

    fn seen(holder: Option<SnipeitUserId>, last_checkout: &str) -> AssetSeen {
        AssetSeen {
            id: SnipeitAssetId(1),
            tag: "ML-1".to_owned(),
            name: None,
            serial: None,
            model_id: SnipeitModelId(1),
            label: LabelSeen { id: SnipeitLabelId(2), name: "Ready".to_owned(), kind: LabelKind::Deployable },
            holder: holder.map(Holder::user),
            last_checkout: Some(naive(last_checkout)),
            last_checkin: None,
            expected_checkin: None,
            updated_at: Some(naive(LATER)),
            deleted: false,
            particulars: Particulars::default(),
        }
    }

    fn of_check_out(seen: Option<AssetSeen>) -> Confirmation {
        confirm(seen.as_ref(), utc(ASKED), &check_out(), &loan(LoanStatus::CheckedOut))
    }

    fn of_check_in(seen: Option<AssetSeen>) -> Confirmation {
        confirm(seen.as_ref(), utc(ASKED), &check_in(), &loan(LoanStatus::Returned))
    }

    #[test]
    fn a_check_out_is_confirmed_by_our_fingerprint_with_our_borrower_and_by_nothing_less() {
        assert_eq!(of_check_out(Some(seen(Some(ANA), OURS))), Confirmation::Confirmed);
        assert_eq!(of_check_out(Some(seen(Some(BRUNO), OURS))), Confirmation::NotSeen);
        assert_eq!(of_check_out(Some(seen(None, OURS))), Confirmation::NotSeen);
        assert_eq!(of_check_out(Some(seen(Some(ANA), LATER))), Confirmation::NotSeen);
        assert_eq!(of_check_out(None), Confirmation::NotSeen);
    }

    #[test]
    fn a_location_with_the_borrowers_number_is_not_the_borrower() {
        let mut seen = seen(Some(ANA), OURS);
        seen.holder = Some(Holder { kind: crate::domain::inventory::HolderKind::Location, id: ANA.0 });
        assert_eq!(of_check_out(Some(seen)), Confirmation::NotSeen);
    }

    #[test]
    fn a_check_in_is_confirmed_when_the_tenure_is_gone() {
        assert_eq!(of_check_in(Some(seen(None, OURS))), Confirmation::Confirmed);
        assert_eq!(of_check_in(Some(seen(Some(ANA), LATER))), Confirmation::Confirmed);
        assert_eq!(of_check_in(None), Confirmation::Confirmed);
        assert_eq!(of_check_in(Some(seen(Some(ANA), OURS))), Confirmation::NotSeen);
    }

    #[test]
    fn the_check_out_of_a_loan_that_is_over_is_no_riddle_though_the_asset_was_lent_again() {
        let seen = seen(Some(BRUNO), LATER);
        let confirmation = confirm(Some(&seen), utc(ASKED), &check_out(), &loan(LoanStatus::Returned));
        assert_eq!(confirmation, Confirmation::Confirmed);
    }

    #[test]
    fn a_sight_from_before_the_settle_says_nothing() {
        let seen = seen(None, LATER);
        let lent = loan(LoanStatus::CheckedOut);
        assert_eq!(confirm(Some(&seen), utc(SETTLED), &check_out(), &lent), Confirmation::NotYet);
        let unsettled = Operation { state: OperationState::Unknown, settled_at: None, ..check_out() };
        assert_eq!(confirm(Some(&seen), utc(ASKED), &unsettled, &lent), Confirmation::NotYet);
    }

    fn zone_error(updated_at: &str, operation: &Operation, clock_offset: Duration) -> Option<i64> {
        let zone = chrono_tz::Europe::Lisbon;
        find_zone_error(naive(updated_at), zone, operation, utc(ASKED), clock_offset).map(|error| error.num_minutes())
    }

    #[test]
    fn dates_of_another_zone_are_noticed_after_an_effect_of_ours() {
        assert_eq!(zone_error("2026-01-10T10:01:58", &check_out(), Duration::zero()), None);
        assert_eq!(zone_error("2026-01-10T11:02:00", &check_out(), Duration::zero()), Some(60));
        assert_eq!(zone_error("2026-01-10T05:02:00", &check_out(), Duration::zero()), Some(-300));
    }

    #[test]
    fn a_wrong_clock_is_not_a_wrong_zone() {
        assert_eq!(zone_error("2026-01-10T11:02:00", &check_out(), Duration::hours(1)), None);
    }

    #[test]
    fn an_effect_that_may_be_older_than_its_settle_says_nothing_about_the_zone() {
        let looked = Operation { look_after: Some(utc("2026-01-10T10:01:00Z")), ..check_out() };
        let tried_twice = Operation { attempts: 2, ..check_out() };
        let long_ago = Operation { settled_at: Some(utc("2026-01-10T09:50:00Z")), ..check_out() };
        for operation in [looked, tried_twice, long_ago] {
            assert_eq!(zone_error("2026-01-10T11:02:00", &operation, Duration::zero()), None);
        }
    }

    #[test]
    fn in_the_repeated_hour_the_nearer_meaning_counts() {
        let settled_at = Some(utc("2026-10-25T01:30:00Z"));
        let look_after = Some(utc("2026-10-25T01:32:00Z"));
        let operation = Operation { settled_at, look_after, ..check_out() };
        let asked_at = utc("2026-10-25T01:31:00Z");
        let zone = chrono_tz::Europe::Lisbon;
        let error = find_zone_error(naive("2026-10-25T01:30:00"), zone, &operation, asked_at, Duration::zero());
        assert_eq!(error, None);
    }
}
