//! What an operation is and in which state it can be.

use crate::domain::{
    id::{EquipmentId, LoanId, OperationId, RequisitionId, UserId},
    inventory::{AssetSeen, Holder, SnipeitAssetId, SnipeitUserId},
    text_enum::text_enum,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;

/// Intents per operation, after which a person is asked (protocol: "3 attempts per operation").
pub const MAX_ATTEMPTS: i32 = 3;
/// Units tried for a line that names none (protocol: "another free unit, at most 3").
pub const MAX_UNITS: i32 = 3;

text_enum! {
    pub enum OperationKind {
        CheckOut = "check_out",
        CheckIn = "check_in",
    }
}

text_enum! {
    /// Who moves it on: `waiting`, `sent` and `unknown` the worker; `with_person` a technician; the others nobody.
    pub enum OperationState {
        /// Nothing of it is on its way.
        Waiting = "waiting",
        /// The intent is written; a worker may be sending.
        Sent = "sent",
        /// It may have taken effect; a look decides, not before `look_after`.
        Unknown = "unknown",
        /// Snipe-IT said so, or was seen to say so.
        Applied = "applied",
        /// It certainly did not happen and will not.
        Refused = "refused",
        /// Given up while nothing of it was on its way, or by a person.
        Abandoned = "abandoned",
        /// Snipe-IT cannot tell us; a technician decides.
        WithPerson = "with_person",
    }
}

impl OperationState {
    pub fn is_settled(self) -> bool {
        match self {
            Self::Applied | Self::Refused | Self::Abandoned => true,
            Self::Waiting | Self::Sent | Self::Unknown | Self::WithPerson => false,
        }
    }

    /// Whether people must be told that we do not know.
    pub fn is_uncertain(self) -> bool {
        matches!(self, Self::Unknown | Self::WithPerson)
    }
}

/// One loan of one asset as Snipe-IT shows it: who holds it since which `last_checkout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tenure {
    pub user: SnipeitUserId,
    pub last_checkout: NaiveDateTime,
}

impl Tenure {
    pub fn is_shown_by(&self, seen: &AssetSeen) -> bool {
        self.holds(seen) && seen.last_checkout == Some(self.last_checkout)
    }

    /// Whether the borrower holds it, in this tenure or another.
    pub fn holds(&self, seen: &AssetSeen) -> bool {
        seen.holder == Some(Holder::user(self.user))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    pub requisition_id: RequisitionId,
    pub loan_id: LoanId,
    pub equipment_id: EquipmentId,
    pub asset: SnipeitAssetId,
    pub kind: OperationKind,
    pub state: OperationState,
    /// Intents written, less those that certainly sent nothing.
    pub attempts: i32,
    /// Check-out: the `checkout_at` that we send; the same for every attempt.
    pub fingerprint: Option<NaiveDateTime>,
    /// Check-in: the tenure to end.
    pub tenure: Option<Tenure>,
    /// The line names no unit, so another may be taken.
    pub any_unit: bool,
    /// Units tried for this loan, this one included.
    pub units_tried: i32,
    pub borrower_looked_up_again: bool,
    /// The database may have forgotten what was sent for it: nothing is sent before a look.
    pub in_doubt: bool,
    /// Snipe-IT's words when it refused the latest attempt.
    pub refusal: Option<String>,
    pub look_after: Option<DateTime<Utc>>,
    pub requested_by: Option<UserId>,
    pub settled_at: Option<DateTime<Utc>>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub version: i32,
}
