//! Why there is no more time, whoever would decide, in words for whoever asked.

use crate::domain::{availability::NextUse, requisition::LoanStatus};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionRefused {
    #[error("the loan does not belong to this requisition")]
    UnknownLoan,
    #[error("the loan is {0}; only what is out can be extended")]
    NotLent(LoanStatus),
    #[error("a return of this loan is under way already")]
    ReturnUnderWay,
    #[error("must be later than the present due date")]
    NotLater,
    #[error("is in the past; choose a later one")]
    InThePast,
    #[error("is more than 366 days after the loan's start; bring the unit back and ask for it anew")]
    BeyondAYear,
    #[error("the unit is {0}; bring it back by then")]
    WantedByOthers(NextUse),
    #[error("somebody else has asked for an extension of this loan, which waits for a technician")]
    AskedAlready,
    #[error("no extension of this loan waits for a decision")]
    NothingAsked,
    #[error("nobody decides what they asked for themselves; ask a colleague")]
    OwnWish,
    #[error("the date that was asked for has passed; reject it")]
    DateOver,
    #[error("say why, so that the borrower knows what to do")]
    ReasonMissing,
}

impl ExtensionRefused {
    /// Whether it is the wished date itself that cannot be used.
    pub fn is_about_the_date(&self) -> bool {
        match self {
            Self::NotLater | Self::InThePast | Self::BeyondAYear => true,
            Self::UnknownLoan
            | Self::NotLent(_)
            | Self::ReturnUnderWay
            | Self::WantedByOthers(_)
            | Self::AskedAlready
            | Self::NothingAsked
            | Self::OwnWish
            | Self::DateOver
            | Self::ReasonMissing => false,
        }
    }
}
