//! How far a letter got, and what to do after an attempt to deliver it.
//!
//! The same problem as a check-out in small: at least once, normally once. A letter has one Message-ID for ever, so
//! that a resend after an unknown outcome is recognised by mail programs.

use crate::domain::text_enum::text_enum;
use std::time::Duration;

text_enum! {
    /// How far a letter got.
    pub enum NotificationStatus {
        /// Waits for its first or next attempt; nobody has it yet.
        Queued = "queued",
        /// The mail server took responsibility for it. Final.
        Sent = "sent",
        /// The mail server refused this letter for good, for instance because the mailbox does not exist. Final.
        Refused = "refused",
        /// The connection was lost after the text was on its way: it may have arrived. One resend is allowed, then final.
        Unknown = "unknown",
        /// Given up: no attempt brought the mail server to an answer. Nobody got it. Final.
        Failed = "failed",
        /// No letter: the person wants none for this event. Final.
        NotWanted = "not_wanted",
        /// What it tells was over before a letter had left. Final.
        Moot = "moot",
    }
}

/// What one attempt to deliver a letter came to. Its texts are the mail server's, with the recipient's address masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The mail server took responsibility.
    Sent { response: String },
    /// The mail server refuses this letter, and will refuse it again.
    RefusedForGood { code: u16, text: String },
    /// The text was certainly not accepted; later may go better.
    TryAgain { why: String },
    /// The text was on its way and no answer came: it may have been accepted.
    Unknown { why: String },
}

impl Delivery {
    /// For metrics and log fields.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::RefusedForGood { .. } => "refused",
            Self::TryAgain { .. } => "try_again",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// What to do with a letter now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailStep {
    /// Nothing more: the letter ends here.
    Settle { status: NotificationStatus },
    /// Deliver it again, with the same Message-ID, not before this pause. Jitter is the caller's.
    Again { status: NotificationStatus, after: Duration },
}

/// How stubborn we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailRules {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The pause after the first attempt; each next one is four times as long.
    pub first_pause: Duration,
    pub longest_pause: Duration,
}

impl Default for MailRules {
    /// Eight attempts over fourteen hours: a mail server that is down overnight loses no letter.
    fn default() -> Self {
        Self { attempts: 8, first_pause: Duration::from_secs(60), longest_pause: Duration::from_secs(4 * 60 * 60) }
    }
}

/// Decides by the status before the attempt, the attempts made (this one included) and what it came to.
///
/// `Unknown` as the status before means that the one resend is what was just tried.
pub fn next_step(rules: &MailRules, status: NotificationStatus, attempts: u32, delivery: &Delivery) -> MailStep {
    use NotificationStatus::{Failed, Moot, NotWanted, Queued, Refused, Sent, Unknown};
    match (status, delivery) {
        (Sent | Refused | Failed | NotWanted | Moot, _) => MailStep::Settle { status },
        (Queued | Unknown, Delivery::Sent { .. }) => MailStep::Settle { status: Sent },
        (Queued, Delivery::RefusedForGood { .. }) => MailStep::Settle { status: Refused },
        (Queued, Delivery::TryAgain { .. }) => rules.again_or(attempts, Queued, Failed),
        (Queued, Delivery::Unknown { .. }) => rules.again_or(attempts, Unknown, Unknown),
        // The first copy may have arrived, whatever is said of the second one.
        (Unknown, Delivery::RefusedForGood { .. } | Delivery::Unknown { .. }) => MailStep::Settle { status: Unknown },
        // The resend did not happen yet.
        (Unknown, Delivery::TryAgain { .. }) => rules.again_or(attempts, Unknown, Unknown),
    }
}

impl MailRules {
    fn again_or(&self, attempts: u32, meanwhile: NotificationStatus, at_last: NotificationStatus) -> MailStep {
        if attempts >= self.attempts {
            return MailStep::Settle { status: at_last };
        }
        MailStep::Again { status: meanwhile, after: self.pause_after(attempts) }
    }

    fn pause_after(&self, attempts: u32) -> Duration {
        let growth = 4_u32.saturating_pow(attempts.saturating_sub(1));
        self.first_pause.saturating_mul(growth).min(self.longest_pause)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent() -> Delivery {
        Delivery::Sent { response: "250 ok".into() }
    }

    fn refused() -> Delivery {
        Delivery::RefusedForGood { code: 550, text: "no such mailbox".into() }
    }

    fn try_again() -> Delivery {
        Delivery::TryAgain { why: "busy".into() }
    }

    fn unknown() -> Delivery {
        Delivery::Unknown { why: "connection lost".into() }
    }

    fn step(status: NotificationStatus, attempts: u32, delivery: &Delivery) -> MailStep {
        next_step(&MailRules::default(), status, attempts, delivery)
    }

    fn settled(status: NotificationStatus) -> MailStep {
        MailStep::Settle { status }
    }

    fn again(status: NotificationStatus, minutes: u64) -> MailStep {
        MailStep::Again { status, after: Duration::from_secs(minutes * 60) }
    }

    #[test]
    fn an_answer_of_the_mail_server_is_final_at_once() {
        assert_eq!(step(NotificationStatus::Queued, 1, &sent()), settled(NotificationStatus::Sent));
        assert_eq!(step(NotificationStatus::Queued, 1, &refused()), settled(NotificationStatus::Refused));
    }

    #[test]
    fn a_letter_that_was_not_taken_is_tried_eight_times_with_growing_pauses_and_then_failed() {
        let steps: Vec<_> = (1..=8).map(|n| step(NotificationStatus::Queued, n, &try_again())).collect();

        let pauses = [1, 4, 16, 64, 240, 240, 240];
        let expected: Vec<_> = pauses
            .into_iter()
            .map(|minutes| again(NotificationStatus::Queued, minutes))
            .chain([settled(NotificationStatus::Failed)])
            .collect();
        assert_eq!(steps, expected);
    }

    #[test]
    fn an_unknown_outcome_allows_one_resend_and_then_stays_unknown() {
        assert_eq!(step(NotificationStatus::Queued, 1, &unknown()), again(NotificationStatus::Unknown, 1));
        assert_eq!(step(NotificationStatus::Unknown, 2, &unknown()), settled(NotificationStatus::Unknown));
    }

    #[test]
    fn a_resend_that_never_reached_the_mail_server_does_not_count_as_the_resend() {
        assert_eq!(step(NotificationStatus::Unknown, 2, &try_again()), again(NotificationStatus::Unknown, 4));
        assert_eq!(step(NotificationStatus::Unknown, 8, &try_again()), settled(NotificationStatus::Unknown));
    }

    #[test]
    fn a_refused_resend_does_not_claim_that_nobody_got_the_first_copy() {
        assert_eq!(step(NotificationStatus::Unknown, 2, &refused()), settled(NotificationStatus::Unknown));
        assert_eq!(step(NotificationStatus::Unknown, 2, &sent()), settled(NotificationStatus::Sent));
    }

    #[test]
    fn an_unknown_outcome_of_the_last_attempt_is_not_resent() {
        assert_eq!(step(NotificationStatus::Queued, 8, &unknown()), settled(NotificationStatus::Unknown));
    }

    #[test]
    fn a_settled_letter_stays_as_it_is() {
        for status in [NotificationStatus::Sent, NotificationStatus::Refused, NotificationStatus::Failed] {
            for delivery in [sent(), refused(), try_again(), unknown()] {
                assert_eq!(step(status, 1, &delivery), settled(status));
            }
        }
    }

    #[test]
    fn a_pause_does_not_overflow_however_many_attempts_were_made() {
        let rules = MailRules { attempts: u32::MAX, ..MailRules::default() };
        let after = rules.longest_pause;
        let status = NotificationStatus::Queued;
        assert_eq!(next_step(&rules, status, u32::MAX - 1, &try_again()), MailStep::Again { status, after });
    }

    proptest! {
        /// Whatever the mail server does, the text leaves us at most twice with an open outcome, and it ends.
        #[test]
        fn every_letter_ends_and_is_sent_twice_at_most(answers in prop::collection::vec(0..4_usize, 8)) {
            let mut status = NotificationStatus::Queued;
            let mut texts_out = 0;
            let mut ended = false;
            for (n, answer) in (1..).zip(answers) {
                let delivery = [sent(), refused(), try_again(), unknown()][answer].clone();
                texts_out += u32::from(matches!(delivery, Delivery::Sent { .. } | Delivery::Unknown { .. }));
                match step(status, n, &delivery) {
                    MailStep::Settle { .. } => { ended = true; break }
                    MailStep::Again { status: meanwhile, .. } => status = meanwhile,
                }
            }
            prop_assert!(ended);
            prop_assert!(texts_out <= 2);
        }
    }
}
