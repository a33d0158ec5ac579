//! What is compared: a loan on our record, our effects on its unit, and the unit as Snipe-IT was seen to have it.

use crate::domain::{
    equipment::Presence,
    id::{EquipmentId, LoanId, OperationId, RequisitionId},
    inventory::{Holder, LabelKind, SnipeitAssetId, SnipeitUserId},
    operation::{OperationKind, OperationState, Tenure},
    requisition::{LoanStatus, Period},
};
use chrono::{DateTime, Duration, MappedLocalTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Everything that [`judge`](super::judge) looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The lab's time.
    pub now: DateTime<Utc>,
    pub loan: LoanOnRecord,
    /// Operations on the loan's unit, whosever they are: all that are not settled, and the latest that was applied.
    pub effects: Vec<OurEffect>,
    /// Another loan of the same unit is out by our records.
    pub is_with_another_loan: bool,
    /// An expected date of ours is yet to be set, or was set after the sight.
    pub is_date_on_its_way: bool,
    /// The operation of ours whose fingerprint the unit shows; `None`: the check-out is nobody's of ours.
    pub shown_operation: Option<OperationId>,
    pub sight: Sight,
    /// Since when it is to be compared again though nothing new is seen; `None`: it was told.
    pub recompare_since: Option<DateTime<Utc>>,
}

/// What we say of a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoanOnRecord {
    pub id: LoanId,
    pub requisition_id: RequisitionId,
    pub equipment_id: EquipmentId,
    pub status: LoanStatus,
    pub period: Period,
    /// The borrower in Snipe-IT, as remembered.
    pub borrower: Option<SnipeitUserId>,
    /// Known once it is checked out.
    pub tenure: Option<Tenure>,
}

/// An operation of ours, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OurEffect {
    pub operation: OperationId,
    pub loan: LoanId,
    pub kind: OperationKind,
    pub state: OperationState,
    pub attempts: i32,
    pub in_doubt: bool,
    pub settled_at: Option<DateTime<Utc>>,
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// The unit as Snipe-IT last showed it. Naive dates are wall time of the Snipe-IT server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    pub asset: SnipeitAssetId,
    pub presence: Presence,
    pub label: LabelKind,
    /// The lab does not lend units with this label, though Snipe-IT would.
    pub is_kept_back: bool,
    pub holder: Option<Holder>,
    pub last_checkout: Option<NaiveDateTime>,
    pub last_checkin: Option<NaiveDateTime>,
    pub expected_checkin: Option<NaiveDate>,
    /// When Snipe-IT was asked, by the clock that settles operations.
    pub asked_at: DateTime<Utc>,
}

/// How Snipe-IT's wall time becomes ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnipeitClock {
    pub zone: Tz,
    /// Snipe-IT's clock minus ours.
    pub offset: Duration,
    /// In which days the lab lends.
    pub lab: Tz,
}

impl SnipeitClock {
    /// `None` in the hour that occurs twice and in the one that does not occur: order is not trusted there.
    pub fn instant(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        match self.zone.from_local_datetime(&wall) {
            MappedLocalTime::Single(there) => Some(there.to_utc() - self.offset),
            MappedLocalTime::Ambiguous(..) | MappedLocalTime::None => None,
        }
    }

    /// What Snipe-IT's clock shows at an instant of ours.
    pub fn wall(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        (instant + self.offset).with_timezone(&self.zone).naive_local()
    }
}

impl Picture {
    /// Whether something of ours is on its way to the unit, or is to be sent as soon as a worker has the time.
    pub(super) fn is_in_flight(&self) -> bool {
        self.effects.iter().any(|effect| match effect.state {
            OperationState::Waiting => !self.is_only_planned(effect),
            OperationState::Sent | OperationState::Unknown | OperationState::WithPerson => true,
            OperationState::Applied | OperationState::Refused | OperationState::Abandoned => false,
        })
    }

    /// A check-out of which nothing was ever sent and whose loan is still a promise.
    fn is_only_planned(&self, effect: &OurEffect) -> bool {
        let is_of_promise = effect.loan != self.loan.id || self.loan.status == LoanStatus::Promised;
        effect.kind == OperationKind::CheckOut && effect.attempts == 0 && !effect.in_doubt && is_of_promise
    }

    /// The loan's own check-out, which waits for the loan to begin.
    pub(super) fn has_waiting_check_out(&self) -> bool {
        self.effects.iter().any(|effect| effect.loan == self.loan.id && effect.state == OperationState::Waiting)
    }

    /// The latest of our effects on the unit that Snipe-IT confirmed.
    pub(super) fn latest_effect(&self) -> Option<&OurEffect> {
        let applied = self.effects.iter().filter(|effect| effect.state == OperationState::Applied);
        applied.max_by_key(|effect| effect.settled_at)
    }
}
