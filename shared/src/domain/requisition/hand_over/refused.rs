//! Why something is not handed over, in words that help at the counter.

use crate::domain::requisition::{Period, RequisitionStatus};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandOverRefused {
    #[error("only technicians and admins hand equipment over")]
    NotStaff,
    #[error("nobody hands equipment over to themselves; ask a colleague")]
    ToOneself,
    #[error("the requisition is {0}; nothing of it waits to be collected")]
    NothingWaits(RequisitionStatus),
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
    #[error(
        "cannot take the place of a unit that another one took the place of before; exchange that one by its loan_id, and \
             return the first"
    )]
    ExchangedAlready,
    #[error("takes the place of no unit that is out; leave out in which condition one comes back")]
    NothingComesBack,
    #[error("is for a loan whose period is over; ask for a new one")]
    PeriodOver,
    #[error("cannot take the place of a unit that is overdue; have the loan extended first, or take the unit back")]
    LoanOverdue,
    #[error("is not the unit that the line asks for by its tag; hand that one over")]
    NamedUnitWanted,
    #[error("is out on {requisition} by our records; return it there first")]
    OutOnAnother { requisition: String },
    #[error("is with somebody in Snipe-IT; check it in there first")]
    Held,
    #[error("is kept for {requisition} in this period; take another one")]
    KeptForAnother { requisition: String },
    #[error(
        "is promised to {requisition} from {} until {}, before this loan begins: hand it over from {} on, or another free \
             unit now", in_words(period.starts_at), in_words(period.due_at), in_words(*begins)
    )]
    PromisedBefore { requisition: String, period: Period, begins: DateTime<Utc> },
    #[error(
        "is kept for somebody on the waiting list from {} until {}, before this loan begins: hand it over from {} on, or \
             another free unit now", in_words(period.starts_at), in_words(period.due_at), in_words(*begins)
    )]
    HeldBefore { period: Period, begins: DateTime<Utc> },
    #[error("may have been checked out for {requisition}, which is not known yet; take another one")]
    InDoubt { requisition: String },
    #[error("is kept for somebody on the waiting list, see /v1/waiting-list; take another one")]
    KeptForWaiting,
    #[error("came back a short time ago and is not lent before {}; take another one", in_words(*until))]
    Resting { until: DateTime<Utc> },
    #[error(
        "is kept for others so soon after this loan that the lab's time between two loans is not left; take another one"
    )]
    NeededSoon,
    #[error("is in none of Snipe-IT's lists any more; take another one")]
    NotListed,
    #[error("may not be lent by its label in Snipe-IT; take another one")]
    NotLendable,
}

fn in_words(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}
