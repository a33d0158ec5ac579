//! What a step must come to; written down before it is played.

use makerlab_shared::domain::{
    id::RequisitionId,
    notification::NotificationEvent,
    requisition::RequisitionStatus::{self, Cancelled, CheckedOut, Failed, PartlyCheckedOut, Rejected, Returned},
};

use NotificationEvent as Letter;

/// The steps of the day, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    StraightThrough,
    Approved,
    Rejected,
    OneLineFails,
    Refused,
    AnswerLost,
    Returned,
    PartlyApproved,
    HandedOver,
    GivenUp,
    WaitedFor,
}

impl Step {
    pub const ALL: [Self; 11] = [
        Self::StraightThrough,
        Self::Approved,
        Self::Rejected,
        Self::OneLineFails,
        Self::Refused,
        Self::AnswerLost,
        Self::Returned,
        Self::PartlyApproved,
        Self::HandedOver,
        Self::GivenUp,
        Self::WaitedFor,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::StraightThrough => "needs no approval, goes straight through",
            Self::Approved => "approved by a technician",
            Self::Rejected => "rejected with a reason",
            Self::OneLineFails => "two lines, one unit is under repair",
            Self::Refused => "refused by Snipe-IT",
            Self::AnswerLost => "the answer is lost, the effect is found",
            Self::Returned => "checked out and returned",
            Self::PartlyApproved => "one of two granted, the other line rejected",
            Self::HandedOver => "another unit handed over by its tag",
            Self::GivenUp => "given up while somebody waits",
            Self::WaitedFor => "first on the waiting list, then handed over",
        }
    }

    /// A real Snipe-IT cannot be told to fail, and of what it holds only some named units may be touched.
    pub fn needs_simulator(self) -> bool {
        match self {
            Self::OneLineFails
            | Self::Refused
            | Self::AnswerLost
            | Self::PartlyApproved
            | Self::HandedOver
            | Self::GivenUp
            | Self::WaitedFor => true,
            Self::StraightThrough | Self::Approved | Self::Rejected | Self::Returned => false,
        }
    }

    pub fn status(self) -> RequisitionStatus {
        match self {
            Self::StraightThrough
            | Self::Approved
            | Self::AnswerLost
            | Self::PartlyApproved
            | Self::HandedOver
            | Self::WaitedFor => CheckedOut,
            Self::Rejected => Rejected,
            Self::GivenUp => Cancelled,
            Self::OneLineFails => PartlyCheckedOut,
            Self::Refused => Failed,
            Self::Returned => Returned,
        }
    }

    pub fn check_outs(self) -> usize {
        match self {
            Self::StraightThrough
            | Self::Approved
            | Self::AnswerLost
            | Self::OneLineFails
            | Self::Returned
            | Self::PartlyApproved
            | Self::HandedOver
            | Self::WaitedFor => 1,
            Self::Rejected | Self::Refused | Self::GivenUp => 0,
        }
    }

    pub fn check_ins(self) -> usize {
        usize::from(self == Self::Returned)
    }

    /// Each of these exactly once.
    pub fn letters_to_requester(self) -> &'static [Letter] {
        match self {
            Self::StraightThrough | Self::AnswerLost => &[Letter::Submitted, Letter::CheckedOut],
            Self::Approved => &[Letter::Submitted, Letter::Approved, Letter::CheckedOut],
            Self::Rejected => &[Letter::Submitted, Letter::Rejected],
            Self::OneLineFails => &[Letter::Submitted, Letter::CheckedOut, Letter::Failed],
            Self::Refused => &[Letter::Submitted, Letter::Failed],
            Self::Returned => &[Letter::Submitted, Letter::CheckedOut, Letter::Returned],
            Self::PartlyApproved => &[Letter::Submitted, Letter::PartlyApproved, Letter::CheckedOut],
            Self::HandedOver | Self::WaitedFor => &[Letter::Submitted, Letter::HandedOver],
            Self::GivenUp => &[Letter::Submitted, Letter::Cancelled],
        }
    }

    /// To the one technician that the demo's lab has.
    pub fn letters_to_technician(self) -> &'static [Letter] {
        match self {
            Self::StraightThrough | Self::AnswerLost | Self::HandedOver | Self::GivenUp | Self::WaitedFor => &[],
            Self::Approved | Self::Rejected | Self::PartlyApproved => &[Letter::ApprovalNeeded],
            Self::OneLineFails | Self::Refused => &[Letter::Failed],
            Self::Returned => &[Letter::ReturnRequested],
        }
    }
}

/// A step that has begun.
#[derive(Debug, Clone)]
pub struct Played {
    pub step: Step,
    pub requisition: RequisitionId,
    pub number: String,
    pub requester: String,
    pub requester_email: String,
}
