//! Every step that can come next, in words that a trace is made of.

use crate::{
    records::{Op, Which},
    search::Model,
    setup::{Assumption, Setup},
    snipeit::{Progress, Who},
    worker::{Run, Step},
    world::World,
};
use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    Tick,
    Take { worker: usize, which: Which },
    Work { worker: usize, which: Which, deed: Deed },
    Serve { which: Which, served: Served },
    Hand(Hand),
    Hurry(Which),
    AskReturn,
    AskNext,
    Person(Which),
    Sweep,
    SweepReads,
    SweepCompares,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    ReadTenure,
    FailToRead,
    PassFence,
    Post,
    GiveBack,
    FailToConnect,
    LoseAnswer,
    Look,
    SearchLog,
    BeRefusedTheLog,
    Settle,
    SettleTooLate,
    Die,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Served {
    Check,
    RefuseOddly,
    Save,
    Log,
    Answer,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hand {
    CheckOut(Who),
    CheckOutBackDated,
    OpenForm,
    SaveForm,
    CheckIn,
    Archive,
}

impl Model for Setup {
    type State = World;
    type Act = Act;

    fn start(&self) -> World {
        World::new(self)
    }

    fn is_background(&self, act: Act) -> bool {
        matches!(act, Act::Sweep | Act::SweepReads | Act::SweepCompares)
    }

    fn next(&self, world: &World, next: &mut Vec<(Act, World)>) {
        for worker in 0..world.workers.len() {
            if let Some(run) = &world.workers[worker] {
                let work =
                    |deed| Some((Act::Work { worker, which: run.which, deed }, self.work(world, worker, run, deed)?));
                next.extend(deeds(run).filter_map(work));
            }
        }
        for which in Which::ALL {
            let taken = world.take(which, self);
            next.extend(taken.map(|(worker, after)| (Act::Take { worker, which }, after)));
            next.extend(world.hurry(which, self).map(|after| (Act::Hurry(which), after)));
            next.extend(world.settle_by_person(which).map(|after| (Act::Person(which), after)));
        }
        for (place, request) in world.snipeit.requests.iter().enumerate() {
            for served in request.iter().flat_map(|request| steps_of(request.progress)) {
                let act = request.map(|request| Act::Serve { which: request.which, served: *served });
                next.extend(act.zip(world.serve(place, *served, self)));
            }
        }
        let by_hand = |hand| Some((Act::Hand(hand), world.act_by_hand(hand, self)?));
        next.extend(self.hands_of(world).iter().copied().filter_map(by_hand));
        next.extend(world.ask_return(self).map(|after| (Act::AskReturn, after)));
        next.extend(world.ask_next(self).map(|after| (Act::AskNext, after)));
        next.push(match (self.sweep_is_slow, &world.sweep) {
            (false, _) => (Act::Sweep, world.sweep()),
            (true, None) => (Act::SweepReads, world.sweep_reads()),
            (true, Some(sweeping)) => (Act::SweepCompares, world.sweep_compares(sweeping)),
        });
        next.push((Act::Tick, world.tick(self)));
        for (_, after) in next.iter_mut() {
            after.forget_what_nobody_reads(self);
        }
        // Time and the sweep, the last two, may change nothing: then they are no steps.
        for place in (next.len() - 2..next.len()).rev() {
            if next[place].1 == *world {
                next.remove(place);
            }
        }
    }
}

impl Setup {
    fn work(&self, world: &World, worker: usize, run: &Run, deed: Deed) -> Option<World> {
        let may_send = world.may_send(run, self);
        let stops_at_fence = self.breaks(Assumption::NoFreezeAfterFence);
        match deed {
            Deed::ReadTenure => Some(world.read_tenure(worker, self)),
            Deed::FailToRead => world.fail_to_read(worker, self),
            Deed::PassFence if may_send && stops_at_fence => Some(world.pass_fence(worker)),
            Deed::Post if run.step == Step::Post => world.post(worker),
            Deed::Post if may_send && !stops_at_fence => world.post(worker),
            Deed::GiveBack if !may_send && run.step == Step::Send => Some(world.give_back(worker, self)),
            Deed::FailToConnect if may_send => world.fail_to_connect(worker, self),
            Deed::PassFence | Deed::Post | Deed::GiveBack | Deed::FailToConnect => None,
            Deed::LoseAnswer => Some(world.lose_answer(worker, self)),
            Deed::Look => Some(world.look(worker, self)),
            Deed::SearchLog => Some(world.search_log(worker, self)),
            Deed::BeRefusedTheLog => Some(world.be_refused_the_log(worker, self)),
            Deed::Settle if run.is_ours => Some(world.settle(worker, self)),
            Deed::SettleTooLate if !run.is_ours => Some(world.settle(worker, self)),
            Deed::Settle | Deed::SettleTooLate => None,
            Deed::Die => world.die(worker),
        }
    }

    fn hands_of(&self, world: &World) -> &'static [Hand] {
        if world.left.hands == 0 {
            return &[Hand::SaveForm];
        }
        &[
            Hand::CheckOut(Who::Stranger),
            Hand::CheckOut(Who::Borrower(0)),
            Hand::CheckOutBackDated,
            Hand::OpenForm,
            Hand::SaveForm,
            Hand::CheckIn,
            Hand::Archive,
        ]
    }
}

fn deeds(run: &Run) -> impl Iterator<Item = Deed> {
    let deeds: &[Deed] = match run.step {
        Step::ReadTenure => &[Deed::ReadTenure, Deed::FailToRead],
        Step::Send => &[Deed::PassFence, Deed::Post, Deed::GiveBack, Deed::FailToConnect],
        Step::Post => &[Deed::Post],
        Step::Await => &[Deed::LoseAnswer],
        Step::Look => &[Deed::Look, Deed::FailToRead],
        Step::SearchLog => &[Deed::SearchLog, Deed::BeRefusedTheLog, Deed::FailToRead],
        Step::Settle(_) => &[Deed::Settle, Deed::SettleTooLate],
    };
    deeds.iter().copied().chain([Deed::Die])
}

fn steps_of(progress: Progress) -> &'static [Served] {
    match progress {
        Progress::Arrived => &[Served::Check, Served::RefuseOddly],
        Progress::Checked => &[Served::Save],
        Progress::Saved => &[Served::Log],
        Progress::Logged => &[Served::Answer],
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("two minutes pass"),
            Self::Take { worker, which } => write!(f, "worker {} takes the {which}", name(*worker)),
            Self::Work { worker, which, deed } => write!(f, "worker {} {}", name(*worker), deed.words(*which)),
            Self::Serve { which, served } => write!(f, "Snipe-IT {} the {which}", served.words()),
            Self::Hand(hand) => write!(f, "a person {}", hand.words()),
            Self::Hurry(which) => write!(f, "the job of the {which} is made due"),
            Self::AskReturn => f.write_str("the borrower asks for the return"),
            Self::AskNext => f.write_str("the next loan of the asset is asked for"),
            Self::Person(which) => write!(f, "a technician says what became of the {which}"),
            Self::Sweep => f.write_str("the sweep reads and compares"),
            Self::SweepReads => f.write_str("the sweep reads"),
            Self::SweepCompares => f.write_str("the sweep compares what it had read"),
        }
    }
}

fn name(worker: usize) -> char {
    if worker == 0 { 'A' } else { 'B' }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CheckOut => "check-out",
            Self::Return => "check-in",
            Self::NextCheckOut => "next check-out",
        })
    }
}

impl Deed {
    fn words(self, which: Which) -> String {
        match self {
            Self::ReadTenure => "reads who holds the asset".to_owned(),
            Self::FailToRead => "gets no answer to its read".to_owned(),
            Self::PassFence => format!("finds its lease long enough for the {which}, and freezes"),
            Self::Post => format!("sends the {which}"),
            Self::GiveBack => format!("does not send the {which}: the lease would not outlast the call"),
            Self::FailToConnect => format!("cannot connect to send the {which}"),
            Self::LoseAnswer => format!("gets no clear answer to the {which}"),
            Self::Look => "looks at the asset".to_owned(),
            Self::SearchLog => "searches the log for its marker".to_owned(),
            Self::BeRefusedTheLog => "may not read the log".to_owned(),
            Self::Settle => format!("settles its run of the {which}"),
            Self::SettleTooLate => format!("would settle its run of the {which}, which is not its any more"),
            Self::Die => "dies".to_owned(),
        }
    }
}

impl Served {
    fn words(self) -> &'static str {
        match self {
            Self::Check => "checks",
            Self::RefuseOddly => "refuses, for a reason of its own,",
            Self::Save => "saves",
            Self::Log => "logs",
            Self::Answer => "answers success to",
        }
    }
}

impl Hand {
    fn words(self) -> &'static str {
        match self {
            Self::CheckOut(Who::Stranger) => "checks the asset out to somebody else",
            Self::CheckOut(Who::Borrower(_)) => "checks the asset out to our borrower",
            Self::CheckOutBackDated => "checks the asset out to somebody else, dated back below our fingerprint",
            Self::OpenForm => "begins to check the asset out to somebody else: it is free",
            Self::SaveForm => "has that check-out saved",
            Self::CheckIn => "checks the asset in",
            Self::Archive => "archives the asset",
        }
    }
}

/// What a step changed, for the trace.
pub fn changes(before: &World, after: &World) -> String {
    let mut words = Vec::new();
    for which in Which::ALL {
        let state = |op: Option<&Op>| op.map(|op| op.state);
        let (was, is) = (state(before.records.find(which)), state(after.records.find(which)));
        if let Some(is) = is.filter(|is| Some(*is) != was) {
            words.push(format!("{which}: {is}"));
        }
        let (was, is) = (before.records.find(which), after.records.find(which));
        if is.is_some_and(|op| op.is_confirmed) && !was.is_some_and(|op| op.is_confirmed) {
            words.push(format!("{which}: confirmed"));
        }
        if is.is_some_and(|op| op.is_not_seen) && !was.is_some_and(|op| op.is_not_seen) {
            words.push(format!("{which}: finding effect_not_seen"));
        }
    }
    let holder = |world: &World| world.snipeit.asset.holder;
    if holder(before) != holder(after) {
        words.push(match holder(after) {
            None => "nobody holds the asset".to_owned(),
            Some(Who::Stranger) => "somebody else holds the asset".to_owned(),
            Some(Who::Borrower(0)) => "our borrower holds the asset".to_owned(),
            Some(Who::Borrower(_)) => "the next borrower holds the asset".to_owned(),
        });
    }
    let gone = |world: &World| world.snipeit.requests.iter().flatten().count();
    if gone(after) < gone(before) && after.snipeit.log == before.snipeit.log && holder(before) == holder(after) {
        words.push("a request is over".to_owned());
    }
    words.join(", ")
}
