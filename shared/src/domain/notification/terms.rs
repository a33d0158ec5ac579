//! What holds for each event: about what and to whom it is told, how, and whether it can be switched off. One table.

use super::{About, Audience, NotificationEvent};
use crate::domain::preference::Channel;

/// What the words are that stand beside an event as they were said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Somebody's reason.
    Reason,
    /// What somebody waits for, or waited, in the lab's words.
    Equipment,
    BySnipeit,
}

struct Terms {
    about: About,
    audience: &'static [Audience],
    channel: Channel,
    must_be_heard: bool,
    said: Said,
}

/// By mail, unless the reader has chosen something else.
const fn of(about: About, audience: &'static [Audience]) -> Terms {
    Terms { about, audience, channel: Channel::Mail, must_be_heard: false, said: Said::BySnipeit }
}

impl Terms {
    /// There may be several of it on one day.
    const fn in_digest(self) -> Self {
        Self { channel: Channel::Digest, ..self }
    }

    /// Somebody waits for the reader to do something.
    const fn must_be_heard(self) -> Self {
        Self { must_be_heard: true, ..self }
    }

    const fn with_reason(self) -> Self {
        Self { said: Said::Reason, ..self }
    }

    const fn of_equipment(self) -> Self {
        Self { said: Said::Equipment, ..self }
    }
}

impl NotificationEvent {
    /// Who gets the letter; whether an approval is needed at all is the rules' decision.
    pub fn audience(self) -> &'static [Audience] {
        self.terms().audience
    }

    pub fn about(self) -> About {
        self.terms().about
    }

    /// The channel of whoever has chosen none.
    pub fn default_channel(self) -> Channel {
        self.terms().channel
    }

    /// Whether somebody waits for the reader to do something: then it cannot be switched off.
    pub fn must_be_heard(self) -> bool {
        self.terms().must_be_heard
    }

    /// What is said beside it, where it is not the lab that says it.
    pub fn said(self) -> Said {
        self.terms().said
    }

    fn terms(self) -> Terms {
        match self {
            Self::Submitted
            | Self::Edited
            | Self::HandedOver
            | Self::NotCollected
            | Self::CheckedOut
            | Self::BeingVerified
            | Self::Returned
            | Self::NoUnit
            | Self::PeriodOver
            | Self::SomebodyWaits => of(About::Requisition, &[Audience::Requester]),
            Self::Approved | Self::PartlyApproved | Self::Rejected | Self::Cancelled => {
                of(About::Requisition, &[Audience::Requester]).with_reason()
            }
            Self::HandOverRefused | Self::ReturnRequested | Self::NeedsPerson => {
                of(About::Requisition, &[Audience::Technicians]).must_be_heard()
            }
            Self::ApprovalNeeded | Self::ReturnedDamaged | Self::ExtensionAsked | Self::ExtensionReminder => {
                of(About::Requisition, &[Audience::Technicians]).must_be_heard().with_reason()
            }
            Self::EndorsementNeeded => of(About::Requisition, &[Audience::Supervisors]).must_be_heard().with_reason(),
            Self::ApprovalReminder => {
                let readers = &[Audience::Supervisors, Audience::Technicians];
                of(About::Requisition, readers).must_be_heard().with_reason()
            }
            Self::Failed | Self::PromiseAtRisk => of(About::Requisition, &[Audience::Requester, Audience::Technicians]),
            Self::ReturnDue | Self::Overdue => of(About::Requisition, &[Audience::Borrower]).in_digest(),
            Self::OverdueEscalated => {
                of(About::Requisition, &[Audience::Supervisors, Audience::Technicians]).in_digest()
            }
            Self::ExtensionGranted | Self::DueDateChanged | Self::UnitIsThere => {
                of(About::Requisition, &[Audience::Borrower])
            }
            Self::ExtensionRejected => of(About::Requisition, &[Audience::Borrower]).with_reason(),
            Self::DriftFound => of(About::Requisition, &[Audience::Technicians]).in_digest().must_be_heard(),
            Self::HoldGranted => of(About::WaitingEntry, &[Audience::Waiting]).of_equipment(),
            Self::WaitingEnded => of(About::Project, &[Audience::Waiting]).of_equipment(),
            Self::ProjectSubmitted => of(About::Project, &[Audience::Technicians]).must_be_heard(),
            Self::ProjectActivated => of(About::Project, &[Audience::Leaders]),
            Self::ProjectRejected => of(About::Project, &[Audience::Leaders]).with_reason(),
            Self::MemberAdded | Self::MemberRoleChanged => of(About::Project, &[Audience::Member]),
            Self::MemberRemoved => of(About::Project, &[Audience::Member]).with_reason(),
            Self::DeputyNamed | Self::DeputyEnded => of(About::Deputy, &[Audience::Deputy]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_to_the_requester_and_to_the_technicians() {
        assert_eq!(NotificationEvent::Failed.audience(), [Audience::Requester, Audience::Technicians]);
        assert_eq!(NotificationEvent::NeedsPerson.audience(), [Audience::Technicians]);
        assert!(NotificationEvent::ALL.iter().all(|event| !event.audience().is_empty()));
    }
}
