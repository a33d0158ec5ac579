//! What will be broken when, drawn from the seed alone: the same seed has the same plan, whatever happens on the way.

use std::{fmt, time::Duration};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::times::{LEASE, SERVER_LIMIT};
use crate::stack::Process;

/// One disturbance and when it begins, from the beginning of the storm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: Duration,
    pub disturbance: Disturbance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// `kill -9`; started again after a while.
    Kill { process: Process, down: Duration },
    /// SIGSTOP for longer than a lease, then SIGCONT.
    Freeze { worker: usize, still: Duration },
    /// `kill -9` of the node.
    KillBroker { down: Duration },
    /// Immediate shutdown, as by a power cut.
    StopDatabase { down: Duration },
    /// Connections to Snipe-IT are refused.
    SnipeitAway { away: Duration },
    /// Connections to the mail server are refused.
    MailAway { away: Duration },
    /// A person at Snipe-IT's own web interface.
    Hand(Hand),
}

/// `pick` chooses among the assets that suit at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Checks a free unit out to somebody else, now or with yesterday's date, and in again later.
    Lend { pick: u32, dated_back: bool, back: Duration },
    /// Checks in a unit that we have lent.
    TakeBack { pick: u32 },
    /// Gives a free unit an archived label, and its own again later.
    Archive { pick: u32, back: Duration },
}

/// Endless; taken from for as long as the storm lasts.
#[derive(Debug, Clone)]
pub struct Plan {
    random: ChaCha8Rng,
    at: Duration,
    apis: usize,
    workers: usize,
}

impl Plan {
    pub fn new(seed: u64, apis: usize, workers: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        // Apart from the weather, which is drawn from the same seed.
        random.set_stream(u64::MAX);
        Self { random, at: Duration::from_secs(2), apis, workers }
    }

    fn between(&mut self, from_ms: u64, to_ms: u64) -> Duration {
        Duration::from_millis(self.random.random_range(from_ms..to_ms))
    }

    fn disturbance(&mut self) -> Disturbance {
        match self.random.random_range(0..100) {
            0..14 => {
                let process = Process::Api(self.random.random_range(0..self.apis));
                Disturbance::Kill { process, down: self.between(200, 2500) }
            }
            14..30 => {
                let process = Process::Worker(self.random.random_range(0..self.workers));
                Disturbance::Kill { process, down: self.between(200, 4000) }
            }
            30..40 => {
                let worker = self.random.random_range(0..self.workers);
                let lease = u64::try_from(LEASE.as_millis()).unwrap_or_default();
                let limit = u64::try_from(SERVER_LIMIT.as_millis()).unwrap_or_default();
                Disturbance::Freeze { worker, still: self.between(lease + 300, lease + 2 * limit) }
            }
            40..46 => Disturbance::KillBroker { down: self.between(100, 5000) },
            46..52 => Disturbance::StopDatabase { down: self.between(100, 2500) },
            52..58 => Disturbance::SnipeitAway { away: self.between(300, 3500) },
            58..62 => Disturbance::MailAway { away: self.between(300, 3500) },
            62..82 => {
                let (pick, dated_back) = (self.random.random(), self.random.random_bool(0.3));
                Disturbance::Hand(Hand::Lend { pick, dated_back, back: self.between(2000, 15_000) })
            }
            82..92 => Disturbance::Hand(Hand::TakeBack { pick: self.random.random() }),
            _ => {
                let pick = self.random.random();
                Disturbance::Hand(Hand::Archive { pick, back: self.between(2000, 15_000) })
            }
        }
    }
}

impl Iterator for Plan {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let entry = Entry { at: self.at, disturbance: self.disturbance() };
        let gap = self.between(1200, 4200);
        self.at += gap;
        Some(entry)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:7.1} s  {}", self.at.as_secs_f64(), self.disturbance)
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |time: &Duration| time.as_secs_f64();
        match self {
            Self::Kill { process, down } => write!(f, "{process} is killed, for {:.1} s", seconds(down)),
            Self::Freeze { worker, still } => {
                write!(f, "{} is frozen, for {:.1} s", Process::Worker(*worker), seconds(still))
            }
            Self::KillBroker { down } => write!(f, "the broker is killed, for {:.1} s", seconds(down)),
            Self::StopDatabase { down } => write!(f, "the database goes down, for {:.1} s", seconds(down)),
            Self::SnipeitAway { away } => write!(f, "Snipe-IT is away, for {:.1} s", seconds(away)),
            Self::MailAway { away } => write!(f, "the mail server is away, for {:.1} s", seconds(away)),
            Self::Hand(Hand::Lend { dated_back, back, .. }) => {
                let when = if *dated_back { ", dated back" } else { "" };
                write!(f, "a person lends a free unit{when}, for {:.1} s", seconds(back))
            }
            Self::Hand(Hand::TakeBack { .. }) => write!(f, "a person checks in a unit of ours"),
            Self::Hand(Hand::Archive { back, .. }) => write!(f, "a person archives a unit, for {:.1} s", seconds(back)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, mem::discriminant};

    use super::*;

    fn plan(seed: u64) -> Vec<Entry> {
        Plan::new(seed, 2, 3).take(400).collect()
    }

    #[test]
    fn a_plan_is_replayed_by_its_seed() {
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    /// A change of the generator would make the seeds of old reports mean something else.
    #[test]
    fn the_plan_of_a_seed_stays_what_it_is() {
        let words: Vec<_> = plan(1).iter().take(4).map(|entry| entry.to_string().trim().to_owned()).collect();

        insta::assert_snapshot!(words.join("\n"), @r"
        2.0 s  a person checks in a unit of ours
        6.0 s  Snipe-IT is away, for 1.3 s
        9.2 s  a person lends a free unit, dated back, for 12.8 s
        11.0 s  a person lends a free unit, dated back, for 5.2 s
        ");
    }

    #[test]
    fn everything_that_can_be_broken_is_broken_sooner_or_later() {
        let plan = plan(3);
        let kinds: HashSet<_> = plan.iter().map(|entry| discriminant(&entry.disturbance)).collect();
        let killed: HashSet<_> = plan
            .iter()
            .filter_map(|entry| match entry.disturbance {
                Disturbance::Kill { process, .. } => Some(process.to_string()),
                _ => None,
            })
            .collect();

        assert_eq!(kinds.len(), 7);
        assert_eq!(killed.len(), 5);
        assert!(plan.windows(2).all(|pair| pair[0].at < pair[1].at));
    }

    #[test]
    fn a_worker_is_frozen_for_longer_than_its_lease() {
        let stills = plan(5).into_iter().filter_map(|entry| match entry.disturbance {
            Disturbance::Freeze { still, .. } => Some(still),
            _ => None,
        });

        assert!(stills.into_iter().all(|still| still > LEASE));
    }
}
