//! What happens to notifications after they were written: read, repeated, gathered into a digest, made moot. Pure.

use super::{
    actor::Actor,
    change::{Cause, Change, Entity, HistoryEntry, Write, entry},
    id::{DigestId, NotificationId, RequisitionId, UserId},
    notification::{NotificationEvent, NotificationStatus},
    permission::Permission,
};
use chrono::NaiveDate;
use uuid::Uuid;

/// A digest with what it tells, which is fixed from now on, but for what is over before it leaves. A resend is the same
/// letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDigest {
    pub id: DigestId,
    pub recipient_id: UserId,
    pub day: NaiveDate,
    pub notifications: Vec<NotificationId>,
}

/// How far a digest got, and with it what it told. Guarded by the attempts it had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestProgress {
    pub id: DigestId,
    /// What stood in the letter; what was moot by then did not.
    pub told: Vec<NotificationId>,
    pub attempts_before: i32,
    pub attempts: i32,
    pub status: NotificationStatus,
    /// What the mail server said, or why nothing was sent. The recipient's address is masked in it.
    pub outcome: String,
    pub is_settled: bool,
}

/// What is told of a subject by these events is over: whatever has not left yet, by mail or in a digest, stays here.
/// A letter that is on its way in this moment may still arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moot {
    pub subject_id: Uuid,
    pub events: &'static [NotificationEvent],
}

/// Somebody has read what was written to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub reader: UserId,
    pub last: NotificationId,
    pub reach: Reach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    ThisOne,
    /// This one and all before it.
    UpToThis,
}

/// A second letter with the words of a first one. It has a row and a Message-ID of its own: the first row keeps telling
/// what became of the first letter, and no mail program takes the second for the copy that it has hidden already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resend {
    pub id: NotificationId,
    pub of: NotificationId,
}

/// What is known of a letter that is to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastLetter {
    pub id: NotificationId,
    pub requisition_id: Option<RequisitionId>,
    pub status: NotificationStatus,
    /// The first letter, if this one repeats it.
    pub resend_of: Option<NotificationId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResendRefused {
    #[error("the letter has not been sent yet; it still comes by itself")]
    StillComing,
    #[error("the person wants no letter about this")]
    NotWanted,
    #[error("what the letter would tell is over")]
    Moot,
}

impl PastLetter {
    /// # Errors
    /// Why nobody is to get it again.
    pub fn resend(&self, by: UserId) -> Result<(NotificationId, Change), ResendRefused> {
        if !Permission::ResendLetter.rule().allowed_while.allows_letter(self.status) {
            return Err(match self.status {
                NotificationStatus::NotWanted => ResendRefused::NotWanted,
                NotificationStatus::Moot => ResendRefused::Moot,
                NotificationStatus::Queued
                | NotificationStatus::Sent
                | NotificationStatus::Refused
                | NotificationStatus::Unknown
                | NotificationStatus::Failed => ResendRefused::StillComing,
            });
        }
        let (id, of) = (NotificationId::generate(), self.resend_of.unwrap_or(self.id));
        let mut change = Change::default();
        let to = NotificationStatus::Queued.as_str();
        let cause = Cause::new(Actor::User(by), "resent");
        let told = entry(Entity::Notification, of.0, Some(self.status.as_str()), to, &cause);
        change.history.push(HistoryEntry { requisition_id: self.requisition_id, ..told });
        change.writes.push(Write::InsertResend(Resend { id, of }));
        Ok((id, change))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(status: NotificationStatus) -> PastLetter {
        PastLetter { id: NotificationId::generate(), requisition_id: None, status, resend_of: None }
    }

    #[test]
    fn what_has_an_outcome_can_be_sent_again_and_nothing_else() {
        let may = |status| past(status).resend(UserId::generate()).map(drop);

        for status in [
            NotificationStatus::Sent,
            NotificationStatus::Refused,
            NotificationStatus::Unknown,
            NotificationStatus::Failed,
        ] {
            assert_eq!(may(status), Ok(()), "{status}");
        }
        assert_eq!(may(NotificationStatus::Queued), Err(ResendRefused::StillComing));
        assert_eq!(may(NotificationStatus::NotWanted), Err(ResendRefused::NotWanted));
        assert_eq!(may(NotificationStatus::Moot), Err(ResendRefused::Moot));
    }

    #[test]
    fn a_repetition_of_a_repetition_names_the_first_letter() {
        let first = NotificationId::generate();
        let repeated = PastLetter { resend_of: Some(first), ..past(NotificationStatus::Failed) };

        let (id, change) = repeated.resend(UserId::generate()).unwrap();

        assert_eq!(change.writes, [Write::InsertResend(Resend { id, of: first })]);
        assert_eq!((change.history[0].entity_id, change.history[0].event), (first.0, "resent"));
    }
}
