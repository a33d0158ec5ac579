//! What happens around the workers: Snipe-IT's own steps, people's hands, the sweep, and who asks for what.

use crate::{
    clock::Second,
    records::Which,
    setup::{Assumption, NextLoan, Setup},
    snipeit::{Progress, Who},
    steps::{Hand, Served},
    worker::Step,
    world::{Sweeping, World},
};
use makerlab_shared::domain::{
    finding::Resolution,
    inventory::Answer,
    operation::{Action, Confirmation, Event, OperationKind, OperationState, decide},
    requisition::LoanStatus,
};

impl World {
    /// The next step of a request in Snipe-IT. `None`: it has none.
    pub fn serve(&self, place: usize, served: Served, setup: &Setup) -> Option<Self> {
        let mut world = *self;
        let mut request = self.snipeit.requests[place]?;
        match (request.progress, served) {
            (Progress::Arrived, Served::Check) if self.snipeit.allows(request.which) => {
                request.progress = Progress::Checked;
            }
            (Progress::Arrived, Served::Check) => return Some(world.answer(place, refused(), setup)),
            (Progress::Arrived, Served::RefuseOddly) if self.snipeit.allows(request.which) => {
                world.left.odd_refusals = world.left.odd_refusals.checked_sub(1)?;
                return Some(world.answer(place, refused(), setup));
            }
            (Progress::Checked, Served::Save) => {
                world.snipeit.save(&request);
                request.progress = Progress::Saved;
            }
            (Progress::Saved, Served::Log) => {
                world.snipeit.log[request.which.index()] = true;
                request.progress = Progress::Logged;
            }
            (Progress::Logged, Served::Answer) => return Some(world.answer(place, Answer::Applied, setup)),
            _ => return None,
        }
        world.snipeit.requests[place] = Some(request);
        Some(world)
    }

    /// Ends a request; whoever still waits hears it.
    fn answer(&mut self, place: usize, answer: Answer, setup: &Setup) -> Self {
        let client = self.snipeit.requests[place].take().and_then(|request| request.client);
        let Some(worker) = client.map(usize::from) else { return *self };
        match self.workers[worker] {
            Some(run) if run.step == Step::Await => self.hear(worker, answer, setup),
            _ => *self,
        }
    }

    /// What a person does in Snipe-IT's own interface.
    pub fn act_by_hand(&self, hand: Hand, setup: &Setup) -> Option<Self> {
        if matches!(hand, Hand::CheckOut(Who::Borrower(_))) && !setup.hands_lend_to_borrower {
            return None;
        }
        let mut world = *self;
        let asset = &mut world.snipeit.asset;
        let counts = !matches!(hand, Hand::SaveForm);
        match hand {
            Hand::CheckOut(who) if !setup.hands_use_forms && asset.is_available() => {
                world.lend_by_hand(who, Second::NOW)
            }
            Hand::CheckOutBackDated if setup.breaks(Assumption::PresentCheckout) && asset.is_available() => {
                world.lend_by_hand(Who::Stranger, Second::LONG_AGO);
            }
            Hand::OpenForm if setup.hands_use_forms && asset.is_available() && !self.snipeit.form_is_open => {
                world.snipeit.form_is_open = true;
            }
            Hand::SaveForm if self.snipeit.form_is_open => {
                world.snipeit.form_is_open = false;
                world.lend_by_hand(Who::Stranger, Second::NOW);
            }
            Hand::CheckIn if asset.holder.is_some() => asset.holder = None,
            Hand::Archive if !asset.is_archived => asset.is_archived = true,
            _ => return None,
        }
        if counts {
            world.left.hands = world.left.hands.checked_sub(1)?;
        }
        Some(world)
    }

    fn lend_by_hand(&mut self, who: Who, second: Second) {
        self.snipeit.asset.holder = Some(who);
        self.snipeit.asset.last_checkout = second;
        for request in self.snipeit.requests.iter_mut().flatten() {
            request.is_overtaken |= request.which.kind() == OperationKind::CheckIn;
        }
        for run in self.workers.iter_mut().flatten() {
            let has_read = matches!(run.step, Step::Send | Step::Post);
            run.is_overtaken |= run.which.kind() == OperationKind::CheckIn && has_read;
        }
    }

    /// As `jobs::hurry` does: a job that waits, and that nobody has in hand, is due now.
    pub fn hurry(&self, which: Which, setup: &Setup) -> Option<Self> {
        let is_in_hand = self.workers.iter().flatten().any(|run| run.which == which && run.is_ours);
        let waits = self.records.jobs[which.index()].is_some_and(|job| job.is_open && job.due > 0);
        if !setup.jobs_are_hurried || is_in_hand || !waits {
            return None;
        }
        let mut world = *self;
        world.records.job_mut(which).due = 0;
        Some(world)
    }

    pub fn ask_return(&self, setup: &Setup) -> Option<Self> {
        if !setup.is_returned || self.records.find(Which::Return).is_some() {
            return None;
        }
        let mut world = *self;
        if !world.records.has_status(0, LoanStatus::CheckedOut) {
            return None;
        }
        world.records.ask_return().ok()?;
        Some(world)
    }

    pub fn ask_next(&self, setup: &Setup) -> Option<Self> {
        let is_over = [LoanStatus::Returned, LoanStatus::Failed].into_iter().any(|s| self.records.has_status(0, s));
        let may = match setup.next_loan {
            NextLoan::Never => false,
            NextLoan::Afterwards => is_over,
            NextLoan::Anytime => true,
        };
        if !may || self.records.find(Which::NextCheckOut).is_some() {
            return None;
        }
        let mut world = *self;
        world.records.ask(Which::NextCheckOut);
        Some(world)
    }

    /// A technician finds out what is the case and says so.
    pub fn settle_by_person(&self, which: Which) -> Option<Self> {
        let op = self.records.find(which).filter(|op| op.state == OperationState::WithPerson)?;
        let happened = match which.kind() {
            OperationKind::CheckOut => self.snipeit.effects[which.index()] > 0,
            OperationKind::CheckIn => self.snipeit.effects[which.index()] > 0 || !self.is_first_tenure_shown(),
        };
        let resolution = if happened { Resolution::Happened } else { Resolution::DidNotHappen };
        let (operation, actions) = decide(self.records.real(which, op), Event::SettledByPerson(resolution));
        let Some(Action::Settle(verdict)) = actions.first() else { return None };
        let mut world = *self;
        let op = world.records.short(which, &operation, op);
        world.records.settle(which, op, verdict, &[]);
        Some(world)
    }

    /// Whether Snipe-IT still shows the first loan's tenure.
    pub fn is_first_tenure_shown(&self) -> bool {
        let lent = self.records.loans[0].and_then(|loan| loan.fingerprint);
        self.snipeit.asset.holder == Some(Who::Borrower(0)) && Some(self.snipeit.asset.last_checkout) == lent
    }

    /// The sweep in one step.
    pub fn sweep(&self) -> Self {
        let mut world = *self;
        let sweeping = world.sight_of_sweep();
        world.cached_checkout = sweeping.asset.last_checkout;
        world.end_sweep(&sweeping);
        world
    }

    /// The sweep's first half: what is there.
    pub fn sweep_reads(&self) -> Self {
        let mut world = *self;
        let sweeping = world.sight_of_sweep();
        world.cached_checkout = sweeping.asset.last_checkout;
        if sweeping.was_settled.contains(&true) {
            world.sweep = Some(sweeping);
        } else {
            world.end_sweep(&sweeping);
        }
        world
    }

    /// Its second half: what that says of effects that nobody has seen yet.
    pub fn sweep_compares(&self, sweeping: &Sweeping) -> Self {
        let mut world = *self;
        world.sweep = None;
        world.end_sweep(sweeping);
        world
    }

    fn end_sweep(&mut self, sweeping: &Sweeping) {
        self.compare(sweeping);
        self.swept = sweeping.began;
    }

    fn sight_of_sweep(&self) -> Sweeping {
        let was_settled = Which::ALL.map(|which| self.is_awaited(which));
        Sweeping { began: Second::NOW, asset: self.snipeit.asset, was_settled }
    }

    /// As `sweep::list_unconfirmed_of` chooses.
    fn is_awaited(&self, which: Which) -> bool {
        self.records
            .find(which)
            .is_some_and(|op| op.state == OperationState::Applied && !op.is_confirmed && !op.is_not_seen)
    }

    fn compare(&mut self, sweeping: &Sweeping) {
        for which in Which::ALL {
            if !self.is_awaited(which) {
                continue;
            }
            let seen = sweeping.asset.seen();
            match self.records.compare(which, &seen, sweeping.was_settled[which.index()]) {
                Confirmation::NotYet => {}
                Confirmation::Confirmed => {
                    self.is_sweep_blind |= self.is_painted_over(which, sweeping);
                    self.records.confirm(which);
                }
                Confirmation::NotSeen => self.records.note_not_seen(which, &seen),
            }
        }
    }

    /// Whether the sight shows somebody else's work where a loan of ours should be.
    fn is_painted_over(&self, which: Which, sweeping: &Sweeping) -> bool {
        let loan = which.loan();
        let ours = Who::Borrower(loan as u8);
        let is_there = sweeping.asset.holder == Some(ours)
            && Some(sweeping.asset.last_checkout) == self.records.op(which).fingerprint;
        which.kind() == OperationKind::CheckOut && self.records.has_status(loan, LoanStatus::CheckedOut) && !is_there
    }
}

fn refused() -> Answer {
    Answer::Refused { message: "no".to_owned() }
}
