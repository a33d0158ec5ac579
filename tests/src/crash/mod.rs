//! Every crash point, tried: a process dies there as by a loss of power, everything starts again, all work settles,
//! and the ledger is checked.
//!
//! Most of it is waiting, so a number of cases run side by side, each with its own database, queues, Snipe-IT and mailbox
//! on shared servers.

mod case;
mod ground;
mod journey;
mod troubles;
mod verdict;
mod waiting;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::{runtime::Builder, sync::Semaphore, task::spawn_blocking};

pub use case::{Case, Leg, Trouble, Victim};
use journey::NotMet;

use crate::{
    lab::{LabFolder, Services},
    stack::Programs,
};

const SIDE_BY_SIDE: usize = 8;

/// What became of every case.
#[derive(Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub took: Duration,
}

#[derive(Debug)]
pub struct Outcome {
    pub case: Case,
    pub took: Duration,
    pub tries: u32,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// Tries the cases, some of them side by side.
///
/// # Errors
/// When there is nothing to start the processes with; a case that fails is part of the report.
pub async fn enumerate(cases: Vec<Case>, services: &Services) -> anyhow::Result<Report> {
    let began = Instant::now();
    // Built before the first case begins to count its patience.
    Programs::provide().await?;
    let folder = LabFolder::create()?;
    let hands = Arc::new(Semaphore::new(SIDE_BY_SIDE));
    let tries = cases.into_iter().map(|case| {
        let (hands, services, folder) = (Arc::clone(&hands), services.clone(), folder.clone());
        async move {
            let _hand = hands.acquire_owned().await.expect("nobody closes it");
            in_two_tries(case, services, folder).await
        }
    });
    let outcomes = join_all(tries).await;
    Ok(Report { outcomes, took: began.elapsed() })
}

/// A broker that is too busy to answer makes a job go another way than past the point; then nobody died and the case is
/// tried again. Whatever is wrong after a death is a failure at once.
async fn in_two_tries(case: Case, services: Services, folder: LabFolder) -> Outcome {
    let began = Instant::now();
    let mut tries = 1;
    let mut failure = attempt(case, services.clone(), folder.clone()).await.err();
    if failure.as_ref().is_some_and(nobody_died) {
        tries += 1;
        failure = attempt(case, services, folder).await.err();
    }
    Outcome { case, took: began.elapsed(), tries, failure: failure.map(|error| format!("{error:#}")) }
}

fn nobody_died(error: &anyhow::Error) -> bool {
    error.is::<NotMet>()
}

/// A case on a thread and a runtime of its own: what panics there is a failure of that case alone.
async fn attempt(case: Case, services: Services, folder: LabFolder) -> anyhow::Result<()> {
    let travel = move || {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(journey::travel(case, &services, folder))
    };
    spawn_blocking(travel).await?
}

impl Report {
    pub fn failures(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| outcome.failure.is_some())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in self.failures() {
            let why = outcome.failure.as_deref().unwrap_or_default();
            writeln!(f, "{} failed after {:.1?}: {why}\n", outcome.case, outcome.took)?;
        }
        let longest = self.outcomes.iter().map(|outcome| outcome.took).max().unwrap_or_default();
        for outcome in self.outcomes.iter().filter(|outcome| outcome.tries > 1) {
            writeln!(f, "{} was tried twice: its point was not met at first", outcome.case)?;
        }
        let (tried, failed) = (self.outcomes.len(), self.failures().count());
        write!(f, "{tried} deaths, {failed} failed, in {:.0?}; the longest took {longest:.1?}", self.took)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn only_a_case_in_which_nobody_died_is_tried_again() {
        let in_vain = || anyhow!("waited in vain");
        let not_met = Err::<(), _>(in_vain()).context(NotMet("its last words".to_owned()));
        let not_met = not_met.context("on the way to the death").unwrap_err();

        assert!(nobody_died(&not_met));
        assert!(format!("{not_met:#}").contains("its last words"));
        assert!(!nobody_died(&in_vain().context("on the way to the death")));
    }
}
