//! One state of the whole: Snipe-IT, our database, the workers, the sweep, and what may still go wrong.

use crate::{
    clock::{Second, TIMES, Ticks, left_of, note_used, shift_of},
    records::{Op, Records, Which},
    setup::{Assumption, NextLoan, Setup},
    snipeit::{Asset, Harm, SnipeIt},
    worker::{Run, is_open},
};
use chrono::Duration;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct World {
    pub snipeit: SnipeIt,
    pub records: Records,
    /// The newest check-out of the asset that the catalogue cache has seen.
    pub cached_checkout: Second,
    /// When the last sweep asked: what people lent since then is in no cache.
    pub swept: Second,
    pub workers: [Option<Run>; 2],
    pub sweep: Option<Sweeping>,
    pub left: Left,
    /// A sweep confirmed what was painted over.
    pub is_sweep_blind: bool,
}

/// What may still go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Left {
    pub hands: u8,
    pub deaths: u8,
    pub oversleeping: Option<u8>,
    pub failed_reads: u8,
    pub failed_connections: u8,
    pub odd_refusals: u8,
}

/// A sweep that has read and not compared yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Sweeping {
    pub began: Second,
    pub asset: Asset,
    /// Operations that were settled when Snipe-IT was asked.
    pub was_settled: [bool; 3],
}

impl World {
    pub fn new(setup: &Setup) -> Self {
        let mut world = Self {
            snipeit: SnipeIt::NEW,
            records: Records::new(setup.any_unit),
            cached_checkout: Second::LONG_AGO,
            swept: Second::NOW,
            workers: [None; 2],
            sweep: None,
            left: Left {
                hands: setup.hands,
                deaths: setup.deaths,
                oversleeping: setup.oversleeping,
                failed_reads: setup.failed_reads,
                failed_connections: setup.failed_connections,
                odd_refusals: setup.odd_refusals,
            },
            is_sweep_blind: false,
        };
        world.move_old_seconds_together();
        world
    }

    /// Two minutes pass. Requests that have lived long enough are ended by their server, wherever they stand.
    pub fn tick(&self, setup: &Setup) -> Self {
        let mut world = *self;
        let extra = if setup.breaks(Assumption::ServerLimit) { 3 } else { 0 };
        for place in &mut world.snipeit.requests {
            *place = place.map(|request| crate::snipeit::Request { age: request.age + 1, ..request });
            *place = place.filter(|request| request.is_alive(extra));
        }
        world.snipeit.form_is_open = false;
        for job in world.records.jobs.iter_mut().flatten() {
            job.due = come_nearer(job.due);
        }
        world.each_op(&mut |op| op.look_after = op.look_after.map(come_nearer));
        for run in world.workers.iter_mut().flatten() {
            // A lease that is over is not more over later.
            if left_of(TIMES.lease, run.age) > Duration::zero() {
                run.age += 1;
            }
        }
        world.each_second(&mut |second| second.tick -= 1);
        world.move_old_seconds_together();
        world
    }

    fn move_old_seconds_together(&mut self) {
        let mut used = 0;
        self.each_second(&mut |second| note_used(&mut used, second.tick));
        self.each_second(&mut |second| second.tick = shift_of(used, second.tick));
    }

    /// Plain loops: the check spends its time here.
    fn each_op(&mut self, change: &mut impl FnMut(&mut Op)) {
        for op in self.records.ops.iter_mut().flatten() {
            change(op);
        }
        for run in self.workers.iter_mut().flatten() {
            change(&mut run.op);
        }
    }

    fn each_second(&mut self, change: &mut impl FnMut(&mut Second)) {
        change(&mut self.snipeit.asset.last_checkout);
        change(&mut self.cached_checkout);
        change(&mut self.swept);
        for request in self.snipeit.requests.iter_mut().flatten() {
            change(&mut request.second);
        }
        for loan in self.records.loans.iter_mut().flatten() {
            if let Some(fingerprint) = &mut loan.fingerprint {
                change(fingerprint);
            }
        }
        self.each_op(&mut |op| {
            if let Some(fingerprint) = &mut op.fingerprint {
                change(fingerprint);
            }
        });
        if let Some(sweep) = &mut self.sweep {
            change(&mut sweep.began);
            change(&mut sweep.asset.last_checkout);
        }
    }

    /// Forgets what nothing reads any more, so that states that go on alike are one.
    pub fn forget_what_nobody_reads(&mut self, setup: &Setup) {
        let is_next_over = match self.records.find(Which::NextCheckOut) {
            Some(op) => !is_open(op.state),
            None => setup.next_loan == NextLoan::Never,
        };
        // Only the choice of a fingerprint reads what was seen when.
        if is_next_over && !is_open(self.records.op(Which::CheckOut).state) {
            (self.cached_checkout, self.swept) = (Second::NOW, Second::NOW);
            if let Some(sweep) = &mut self.sweep {
                sweep.began = Second::NOW;
            }
        }
        // The log is searched for an operation by its own run alone.
        for which in Which::ALL {
            let is_searched = self.records.find(which).is_some_and(|op| is_open(op.state));
            self.snipeit.log[which.index()] &= is_searched;
        }
        // Harm that comes of people acting in between is looked for where that is what is asked.
        if self.snipeit.harm.is_some_and(|harm| harm != Harm::EndedForeignTenure)
            && !setup.breaks(Assumption::NobodyBetween)
        {
            self.snipeit.harm = None;
        }
    }

    pub fn idle_worker(&self) -> Option<usize> {
        self.workers.iter().position(Option::is_none)
    }

    /// Whether another operation on the asset has no known end.
    pub fn is_asset_busy(&self, except: Which) -> bool {
        use makerlab_shared::domain::operation::OperationState::{Sent, Unknown, WithPerson};
        let others = Which::ALL.into_iter().filter(|which| *which != except);
        others.filter_map(|which| self.records.find(which)).any(|op| matches!(op.state, Sent | Unknown | WithPerson))
    }

    /// The newest check-out that we know of: seen, or chosen by us.
    pub fn newest_checkout(&self) -> Second {
        let chosen = self.records.ops.iter().flatten().filter_map(|op| op.fingerprint);
        chosen.fold(self.cached_checkout, Second::max)
    }
}

fn come_nearer(ticks: Ticks) -> Ticks {
    (ticks - 1).max(0)
}
