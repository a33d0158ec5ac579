//! Why something is not handed over, in words that help at the counter.

use crate::domain::requisition::RequisitionStatus;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandOverRefused {
    #[error("only technicians and admins hand equipment over")]
    NotStaff,
    #[error("nobody hands equipment over to themselves; ask a colleague")]
    ToOneself,
    #[error("the requisition is {0}; nothing of it waits to be collected")]
    NothingWaits(RequisitionStatus),
    #[error("the requisition's period is over; ask for a new one")]
    PeriodOver,
    #[error("{tag} {why}")]
    Unit { tag: String, why: UnitRefused },
}

/// Follows the unit's tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitRefused {
    #[error("has been handed over for this requisition already")]
    AlreadyHandedOver,
    #[error("is checked out by itself when it is due; it does not wait to be handed over")]
    NotForCounter,
    #[error("is {model}, of which this requisition has nothing left to collect")]
    WrongModel { model: String },
    #[error("is kept for another line or loan of this requisition; leave line_id and loan_id out")]
    ForAnotherLoan,
    #[error(
        "is {model}, of which this requisition has nothing left to collect; if one that is out comes back for it, say \
             which by its loan_id"
    )]
    WhichComesBack { model: String },
    #[error(
        "would take the place of a unit that goes out by itself; scan its tag for that, so that it is this very unit"
    )]
    NotScanned,
    #[error(
        "cannot take the place of a unit of which is not known yet whether it was checked out; wait until that is known"
    )]
    BeingVerified,
    #[error("cannot take the place of a unit whose return is under way already; submit a new requisition for it")]
    ReturnUnderWay,
    #[error("is not the unit that the line asks for by its tag; hand that one over")]
    NamedUnitWanted,
    #[error("is out on {requisition} by our records; return it there first")]
    OutOnAnother { requisition: String },
    #[error("is with somebody in Snipe-IT; check it in there first")]
    Held,
    #[error("is kept for {requisition} in this period; take another one")]
    KeptForAnother { requisition: String },
    #[error("may not be lent by its label in Snipe-IT; take another one")]
    NotLendable,
}
