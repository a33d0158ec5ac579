//! Carrying out what `decide` says. What is sent and what is read stands here; what it means is decided by `decide`.

use crate::{
    clock::{Second, TIMES, left_of},
    records::{Op, Which, borrower},
    setup::{Rule, Setup},
    snipeit::{Asset, Progress, Request, Who},
    worker::{Ending, Run, Step},
    world::World,
};
use makerlab_shared::domain::{
    inventory::{Answer, AssetSeen, NotApplied},
    operation::{Action, Event, LogSeen, OperationKind, decide},
};

impl World {
    pub fn decided(&self, which: Which, op: &Op, event: Event) -> (Op, Vec<Action>) {
        let (after, actions) = decide(self.records.real(which, op), event);
        (self.records.short(which, &after, op), actions)
    }

    /// Tells `decide` what a run has met, and goes on with what it says.
    fn go_on(&self, worker: usize, event: Event, setup: &Setup) -> Self {
        let mut world = *self;
        let run = world.workers[worker].as_mut().expect("a run that goes on");
        let (op, actions) = self.decided(run.which, &run.op, event);
        run.op = op;
        run.step = Step::of(&actions);
        world.end_at_once(worker, setup)
    }

    /// An ending without a verdict is settled at once. It reads nothing but what this run knows, so it could as well
    /// be later, unless the worker dies or the job is taken away: and then it is as if the run had died before.
    fn end_at_once(self, worker: usize, setup: &Setup) -> Self {
        match self.workers[worker].map(|run| run.step) {
            Some(Step::Settle(Ending::Settle(..))) | None => self,
            Some(Step::Settle(_)) if !setup.frozen_go_on => self.settle(worker, setup),
            Some(_) => self,
        }
    }

    /// The fence: whether a call that starts now ends before the lease.
    pub fn may_send(&self, run: &Run, setup: &Setup) -> bool {
        let call = chrono::Duration::from_std(TIMES.call_timeout).expect("a short time");
        call < left_of(TIMES.lease, run.age) || setup.lacks(Rule::LeaseFence)
    }

    pub fn give_back(&self, worker: usize, setup: &Setup) -> Self {
        self.go_on(worker, Event::NotSent, setup)
    }

    pub fn pass_fence(&self, worker: usize) -> Self {
        let mut world = *self;
        world.workers[worker].as_mut().expect("a run before its fence").step = Step::Post;
        world
    }

    /// The one `POST`. `None`: the model has no room for another request.
    pub fn post(&self, worker: usize) -> Option<Self> {
        let mut world = *self;
        let run = world.workers[worker].as_mut().expect("a run that sends");
        let second = match run.which.kind() {
            OperationKind::CheckOut => run.op.fingerprint?,
            OperationKind::CheckIn => self.records.loans[run.which.loan()]?.fingerprint?,
        };
        run.step = Step::Await;
        let request = Request {
            which: run.which,
            second,
            progress: Progress::Arrived,
            age: 0,
            client: Some(worker as u8),
            is_overtaken: run.is_overtaken,
        };
        world.snipeit.receive(request).then_some(world)
    }

    /// The connection could not be made: not a byte left.
    pub fn fail_to_connect(&self, worker: usize, setup: &Setup) -> Option<Self> {
        let mut world = *self;
        world.left.failed_connections = world.left.failed_connections.checked_sub(1)?;
        let why = NotApplied::Unreachable { what: String::new() };
        Some(world.go_on(worker, Event::Answered(Answer::NotApplied { why }), setup))
    }

    pub fn hear(&self, worker: usize, answer: Answer, setup: &Setup) -> Self {
        self.go_on(worker, Event::Answered(answer), setup)
    }

    /// Timeout, reset, 5xx or a page in place of the answer; the request goes its own way.
    pub fn lose_answer(&self, worker: usize, setup: &Setup) -> Self {
        let mut world = *self;
        world.hang_up(worker);
        if setup.lacks(Rule::OnePost) {
            world.workers[worker].as_mut().expect("a run that waits").step = Step::Send;
            return world;
        }
        world.go_on(worker, Event::Answered(Answer::Unknown { what: String::new() }), setup)
    }

    pub fn hang_up(&mut self, worker: usize) {
        for request in self.snipeit.requests.iter_mut().flatten() {
            request.client = request.client.filter(|client| usize::from(*client) != worker);
        }
    }

    pub fn read_tenure(&self, worker: usize, setup: &Setup) -> Self {
        let mut world = *self;
        if setup.lacks(Rule::Tenure) {
            return world.go_on(worker, Event::TenureSeen(Some(self.own_tenure().seen())), setup);
        }
        world.cached_checkout = world.snipeit.asset.last_checkout;
        world.go_on(worker, Event::TenureSeen(Some(self.snipeit.asset.seen())), setup)
    }

    fn own_tenure(&self) -> Asset {
        let last_checkout = self.records.loans[0].and_then(|loan| loan.fingerprint).expect("a loan that was lent");
        Asset { holder: Some(Who::Borrower(0)), last_checkout, ..Asset::FREE }
    }

    pub fn look(&self, worker: usize, setup: &Setup) -> Self {
        let mut world = *self;
        world.cached_checkout = world.snipeit.asset.last_checkout;
        let run = self.workers[worker].as_ref().expect("a run that looks");
        let seen = Some(self.sight(run, setup));
        world.go_on(worker, Event::Looked { seen, order_trusted: true }, setup)
    }

    /// What the worker makes of its look: what is there, unless a rule is missing.
    fn sight(&self, run: &Run, setup: &Setup) -> AssetSeen {
        let asset = self.snipeit.asset;
        if run.which.kind() == OperationKind::CheckIn {
            return if setup.lacks(Rule::Look) { self.own_tenure().seen() } else { asset.seen() };
        }
        let ours = Who::Borrower(run.which.loan() as u8);
        let fingerprint = run.op.fingerprint.unwrap_or(Second::LONG_AGO);
        let effect = Asset { holder: Some(ours), last_checkout: fingerprint, is_archived: asset.is_archived };
        let none = Asset { holder: None, last_checkout: Second::LONG_AGO, is_archived: asset.is_archived };
        let made_up = match setup.without {
            Some(Rule::Look) => none,
            Some(Rule::LastCheckoutAsWitness) if asset.holder == Some(ours) => effect,
            Some(Rule::LastCheckoutAsWitness) => Asset { holder: asset.holder, ..none },
            Some(Rule::AssetAsWitness) if self.snipeit.log[run.which.index()] => effect,
            Some(Rule::AssetAsWitness) => none,
            Some(Rule::LaterThanFingerprint) if asset.last_checkout > fingerprint => {
                Asset { last_checkout: Second::LONG_AGO, ..asset }
            }
            _ => asset,
        };
        made_up.seen()
    }

    pub fn search_log(&self, worker: usize, setup: &Setup) -> Self {
        let run = self.workers[worker].as_ref().expect("a run that searches");
        let is_there = self.snipeit.log[run.which.index()];
        let checkout_at = run.op.fingerprint.map(Second::naive);
        let borrower = Some(borrower(run.which.loan()));
        let log = if is_there { LogSeen::OurMarker { checkout_at, borrower } } else { LogSeen::NoMarker };
        self.hear_of_log(worker, log, setup)
    }

    /// The permission to read the log is missing, now or always.
    pub fn be_refused_the_log(&self, worker: usize, setup: &Setup) -> Self {
        self.hear_of_log(worker, LogSeen::Unreadable, setup)
    }

    fn hear_of_log(&self, worker: usize, log: LogSeen, setup: &Setup) -> Self {
        // What the look showed was later than the fingerprint, or nobody would search.
        let seen = Asset { last_checkout: Second::NOW, ..self.snipeit.asset }.seen();
        self.go_on(worker, Event::LogSearched { log, seen }, setup)
    }

    /// A read that gets no answer: what it was for is put off, and the run does not count.
    pub fn fail_to_read(&self, worker: usize, setup: &Setup) -> Option<Self> {
        let mut world = *self;
        world.left.failed_reads = world.left.failed_reads.checked_sub(1)?;
        let run = world.workers[worker].as_mut()?;
        let event = if run.step == Step::ReadTenure { Event::NotSent } else { Event::LookFailed };
        run.op = self.decided(run.which, &run.op, event).0;
        run.step = Step::Settle(Ending::HoldOff);
        Some(world.end_at_once(worker, setup))
    }

    pub fn die(&self, worker: usize) -> Option<Self> {
        let mut world = *self;
        world.left.deaths = world.left.deaths.checked_sub(1)?;
        world.hang_up(worker);
        world.workers[worker] = None;
        Some(world)
    }
}
