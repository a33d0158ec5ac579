//! What a campaign came to: for people, or as one line of JSON.

use std::fmt;

use serde::Serialize;

/// Of all that is wrong, so many lines are printed.
const MOST_LINES: usize = 40;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    pub seed: u64,
    pub seconds: f64,
    pub assets: usize,
    /// What people did at the screen.
    pub acts: usize,
    /// Assets that they edited by more than a page at once.
    pub in_bulk: usize,
    pub deaths: usize,
    /// Answers of Snipe-IT's that were spoilt.
    pub spoilt: usize,
    pub loans: usize,
    /// Findings that had to be open and are.
    pub findings: usize,
    /// Units that are offered as free, rightly.
    pub offered: usize,
    /// Full syncs that sweeps called for while the dust settled, because more had changed than they read.
    pub called_syncs: usize,
    /// What only a full read can tell, and told: deleted or archived assets that were purged.
    pub left_to_the_full_sync: usize,
    /// What the sweeps alone had missed when the dust had settled.
    pub missed_by_sweeps: Vec<String>,
    /// What is still different after a full sync, and everything else that must not be.
    pub wrong: Vec<String>,
}

impl Report {
    /// Whether the picture is Snipe-IT's own.
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty() && self.missed_by_sweeps.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}: {} missed by sweeps, {} wrong; in {:.1} s {} acts on {} assets ({} in bulk), {} deaths, {} answers \
             spoilt, {} loans, {} findings as expected, {} units offered, {} syncs called for, {} left to the full sync",
            self.seed,
            self.missed_by_sweeps.len(),
            self.wrong.len(),
            self.seconds,
            self.acts,
            self.assets,
            self.in_bulk,
            self.deaths,
            self.spoilt,
            self.loans,
            self.findings,
            self.offered,
            self.called_syncs,
            self.left_to_the_full_sync,
        )?;
        let missed = self.missed_by_sweeps.iter().take(MOST_LINES).map(|line| ("missed by sweeps", line));
        let wrong = self.wrong.iter().take(MOST_LINES).map(|line| ("wrong", line));
        missed.chain(wrong).try_for_each(|(what, line)| writeln!(f, "  {what}: {line}"))
    }
}
