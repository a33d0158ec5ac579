//! The take: job and intent in one step, or nothing at all.

use crate::{
    clock::{Second, TIMES, at, ticks_of},
    records::Which,
    setup::{Rule, Setup},
    worker::{Run, Step},
    world::World,
};
use makerlab_shared::domain::operation::{Action, Event, OperationKind, choose_fingerprint};

impl World {
    /// A bell brings a worker to a job. `None`: there is nothing to take, or it is put off as it was.
    ///
    /// Bells are not counted: whoever is idle may be rung at any moment, twice, late or not at all, and a job that is
    /// due is found by the second bell at last.
    pub fn take(&self, which: Which, setup: &Setup) -> Option<(usize, Self)> {
        let mut world = *self;
        let stored = *world.records.find(which)?;
        let job = world.records.job_mut(which);
        if !job.is_open || job.due > 0 {
            return None;
        }
        job.due = ticks_of(TIMES.lease);
        if setup.runs_are_counted {
            // Once they are used up, more of them is not more.
            job.runs = (job.runs + 1).min(TIMES.max_runs as u8 + 1);
        }
        let is_out_of_runs = u32::from(job.runs) > TIMES.max_runs;
        world.take_away(which, setup)?;
        let (op, actions) = if is_out_of_runs {
            world.decided(which, &stored, Event::OutOfRuns)
        } else {
            let now = match stored.look_after {
                Some(look_after) if setup.lacks(Rule::LookAfter) => at(look_after),
                _ => at(0),
            };
            world.decided(which, &stored, Event::Due { now })
        };
        let worker = world.idle_worker()?;
        let run = Run { which, is_ours: true, age: 0, step: Step::of(&actions), op, is_overtaken: false };
        match actions[0] {
            Action::Take => world.take_for_write(worker, run, setup)?,
            Action::Look => {
                world.records.advance(which, op);
                world.workers[worker] = Some(run);
            }
            Action::WaitUntil(_) => {
                let job = world.records.job_mut(which);
                job.due = op.look_after.unwrap_or(0);
                job.runs = job.runs.saturating_sub(1);
            }
            _ => world.workers[worker] = Some(run),
        }
        Some((worker, world))
    }

    /// The intent: everything that a later look needs, before anything is sent.
    fn take_for_write(&mut self, worker: usize, run: Run, setup: &Setup) -> Option<()> {
        let which = run.which;
        if self.is_asset_busy(which) {
            return None;
        }
        let fingerprint = match which.kind() {
            OperationKind::CheckOut if setup.lacks(Rule::PastFingerprint) => Some(Second::NOW.naive()),
            OperationKind::CheckOut if run.op.fingerprint.is_none() => {
                let newest = self.newest_checkout().naive();
                let swept = if setup.lacks(Rule::SweptFingerprint) { 0 } else { self.swept.tick };
                let unseen_for = at(0) - at(swept);
                Some(choose_fingerprint(at(0), chrono_tz::UTC, Some(newest), unseen_for).ok()?)
            }
            OperationKind::CheckOut | OperationKind::CheckIn => None,
        };
        let look_after = at(0) + TIMES.look_after_take();
        let (op, actions) = self.decided(which, &run.op, Event::Taken { look_after, fingerprint });
        self.records.advance(which, op);
        self.records.job_mut(which).due = if setup.lacks(Rule::LookAfter) { 0 } else { op.look_after? };
        self.workers[worker] = Some(Run { step: Step::of(&actions), op, ..run });
        Some(())
    }

    /// The epoch moved: a run of this job that is still going on will be refused. `None`: nobody may sleep that long.
    fn take_away(&mut self, which: Which, setup: &Setup) -> Option<()> {
        for worker in 0..self.workers.len() {
            let Some(run) = self.workers[worker].as_mut().filter(|run| run.which == which && run.is_ours) else {
                continue;
            };
            if let Some(left) = &mut self.left.oversleeping {
                *left = left.checked_sub(1)?;
            }
            run.is_ours = false;
            if !setup.frozen_go_on {
                self.workers[worker] = None;
                self.hang_up(worker);
            }
        }
        Some(())
    }
}
