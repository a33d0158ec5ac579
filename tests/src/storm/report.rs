//! What a storm came to: for people, or as one line of JSON.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::checker::{Problem, Wrong};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    pub seed: u64,
    pub seconds: f64,
    /// Check-outs and check-ins of ours that took effect.
    pub operations: usize,
    pub wanted: usize,
    pub lost: usize,
    pub doubled: usize,
    pub stuck: usize,
    pub misreported: usize,
    pub foreign_checkins: usize,
    pub mails: usize,
    pub mails_missing: usize,
    pub mails_doubled: usize,
    pub drops_after_data: usize,
    /// Letters that workers may have had in hand, between the mail server's yes and their own note, when they were killed
    /// or kept from the database for longer than a lease; counted in scenarios alone.
    pub mails_in_lost_hands: usize,
    /// Longest time from the end of an injected fault to the next settled operation.
    pub recovery_seconds_max: f64,
    /// Operations that ended with a person and were settled by one.
    pub with_person: usize,
    /// Other things that people were told.
    pub findings: usize,
    /// Requests for which a client heard nothing clear in three minutes of trying.
    pub unanswered: usize,
    pub disturbances: BTreeMap<&'static str, usize>,
    pub calls_spoilt: u64,
    pub mails_spoilt: u64,
}

impl Report {
    pub fn count(&mut self, problems: &[Problem]) {
        let of = |wrong| problems.iter().filter(|problem| problem.wrong == wrong).count();
        self.lost = of(Wrong::Lost);
        self.doubled = of(Wrong::Doubled);
        self.stuck = of(Wrong::Stuck);
        self.misreported = of(Wrong::Misreported);
        self.foreign_checkins = of(Wrong::ForeignCheckin);
        self.mails_missing = of(Wrong::MailMissing);
        self.mails_doubled = of(Wrong::MailDoubled);
    }

    /// Whether everything that is promised held.
    pub fn is_good(&self) -> bool {
        let never = [self.lost, self.doubled, self.stuck, self.misreported, self.foreign_checkins, self.mails_missing];
        never.iter().all(|count| *count == 0)
            && self.mails_doubled <= self.drops_after_data + self.mails_in_lost_hands
            && self.operations >= self.wanted
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operations, lost, doubled, stuck, misreported, foreign_checkins, .. } = self;
        let Self { mails_missing, mails_doubled, drops_after_data, recovery_seconds_max, .. } = self;
        writeln!(
            f,
            "seed {}: operations {operations}, lost {lost}, doubled {doubled}, stuck {stuck}, misreported {misreported}, \
             foreign_checkins {foreign_checkins}, mails_missing {mails_missing}, mails_doubled {mails_doubled} (of \
             {drops_after_data} dropped after DATA), recovery_seconds_max {recovery_seconds_max:.1}",
            self.seed
        )?;
        let disturbances: Vec<_> =
            self.disturbances.iter().map(|(name, count)| format!("{} {count}", name.replace('_', " "))).collect();
        writeln!(
            f,
            "in {:.0} s: {}; {} calls and {} conversations with the mail server spoilt; {} operations ended with a \
             person, {} other findings, {} mails",
            self.seconds,
            disturbances.join(", "),
            self.calls_spoilt,
            self.mails_spoilt,
            self.with_person,
            self.findings,
            self.mails,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Report {
        Report { operations: 300, wanted: 300, mails_doubled: 2, drops_after_data: 2, ..Report::default() }
    }

    #[test]
    fn a_report_is_good_only_if_every_promise_held() {
        let bad: [fn(&mut Report); 8] = [
            |report| report.lost = 1,
            |report| report.doubled = 1,
            |report| report.stuck = 1,
            |report| report.misreported = 1,
            |report| report.foreign_checkins = 1,
            |report| report.mails_missing = 1,
            |report| report.mails_doubled = 3,
            |report| report.operations = 299,
        ];

        assert!(good().is_good());
        for spoil in bad {
            let mut report = good();
            spoil(&mut report);
            assert!(!report.is_good(), "{report}");
        }
    }
}
