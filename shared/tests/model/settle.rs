//! The settle: everything that follows from a run, in one transaction under its epoch.

use crate::{
    clock::Ticks,
    records::{Job, Which},
    setup::{Rule, Setup},
    worker::{Ending, Outcome, Run, Step},
    world::World,
};
use makerlab_shared::domain::{finding::FindingKind, operation::OperationKind};

impl World {
    /// The settle: everything that follows, in one transaction under our epoch. A late worker leaves evidence alone,
    /// which nothing here reads.
    pub fn settle(&self, worker: usize, setup: &Setup) -> Self {
        let mut world = *self;
        let Some(Run { which, is_ours, op, step: Step::Settle(ending), .. }) = world.workers[worker].take() else {
            unreachable!("only a run that has ended settles")
        };
        let is_check_out_applied =
            matches!(ending, Ending::Settle(Outcome::Applied, _)) && which.kind() == OperationKind::CheckOut;
        if is_check_out_applied {
            world.records.adopt_return_of_former(which);
        }
        if !is_ours && !setup.lacks(Rule::Epoch) {
            return world;
        }
        match ending {
            Ending::Settle(outcome, raised) => {
                let raised: Vec<FindingKind> = raised.into_iter().collect();
                world.records.settle(which, op, &outcome.verdict(), &raised);
            }
            _ => world.records.advance(which, op),
        }
        if let (true, Some(fingerprint)) = (is_check_out_applied, op.fingerprint) {
            let seen = if setup.lacks(Rule::CacheGoesOn) { fingerprint } else { world.cached_checkout };
            world.cached_checkout = seen.max(fingerprint);
        }
        world.settle_job(which, ending, op.look_after, setup);
        world
    }

    fn settle_job(&mut self, which: Which, ending: Ending, look_after: Option<Ticks>, setup: &Setup) {
        let job = self.records.job_mut(which);
        match ending {
            Ending::WaitUntilLook => {
                job.due = if setup.lacks(Rule::LookAfter) { 0 } else { look_after.unwrap_or(0) };
                job.runs = job.runs.saturating_sub(1);
            }
            Ending::RetryLater => job.due = 0,
            Ending::HoldOff => {
                job.due = 0;
                job.runs = job.runs.saturating_sub(1);
            }
            Ending::Settle(..) | Ending::Finish => *job = Job { is_open: false, due: 0, runs: 0 },
        }
    }
}
