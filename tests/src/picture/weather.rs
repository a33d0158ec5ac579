//! What happens beside a working worker, call by call: the person goes on, answers are spoilt, and the worker may die.

use std::{future::poll_fn, pin::pin, task::Poll};

use futures_util::future::join_all;
use makerlab_shared::domain::id::JobId;
use makerlab_worker::{context::Context, jobs};

use super::{dice::Dice, person::Person};
use crate::simulator::{CallKind, Cut, Fault, Page, State, Trouble};

/// So many calls, then so many steps between two waits: wherever a process can lose its power.
#[derive(Debug, Clone, Copy)]
struct Death {
    calls: usize,
    steps: usize,
}

pub(super) struct Weather {
    state: State,
    dice: Dice,
    pub person: Person,
    calls_seen: usize,
    death: Option<Death>,
    /// Whether the person goes on between calls.
    is_busy: bool,
    pub deaths: usize,
    pub spoilt: usize,
}

impl Weather {
    pub fn new(state: State, dice: Dice, person: Person) -> Self {
        let calls_seen = state.ledger().count_requests();
        Self { state, dice, person, calls_seen, death: None, is_busy: true, deaths: 0, spoilt: 0 }
    }

    /// What the next round will meet.
    pub fn turn(&mut self, may_kill: bool) {
        self.is_busy = true;
        let kills = self.dice.percent(45);
        let death = Death { calls: self.dice.below(7), steps: self.dice.below(25) };
        self.death = Some(death).filter(|_| kills && may_kill);
        if self.dice.percent(30) {
            let fault = self.fault();
            self.state.faults().add(fault);
            self.spoilt += 1;
        }
    }

    /// From now on nothing goes wrong and nobody changes anything.
    pub fn calm(&mut self) {
        self.death = None;
        self.is_busy = false;
        self.state.faults().clear();
    }

    /// The next check-out of ours may take effect without our hearing of it: the person goes on before anybody looks.
    pub fn lose_a_check_out(&mut self) {
        if self.dice.percent(20) {
            let fault = Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(Cut::Reset));
            self.state.faults().add(fault);
        }
    }

    fn fault(&mut self) -> Fault {
        let kinds =
            [CallKind::List, CallKind::List, CallKind::List, CallKind::List, CallKind::Labels, CallKind::Models];
        let fault = Fault::on(self.dice.pick(&kinds).unwrap_or(CallKind::List));
        match self.dice.below(10) {
            0 => fault.instead(Page::BadGateway),
            1 => fault.instead(Page::Maintenance),
            2 => fault.instead(Page::ServerError),
            3 => fault.instead(Page::BrokenJson),
            4 => fault.instead(Page::WebPage),
            5 => fault.instead(Page::TooManyRequests).times(2),
            6 => fault.instead(Page::Refusal("Something went wrong".to_owned())),
            7 => fault.trouble(Trouble::LoseAnswer(Cut::Reset)),
            8 => fault.trouble(Trouble::LoseAnswer(Cut::Close)),
            _ => fault.trouble(Trouble::HalfAnswer),
        }
    }

    /// Works at these jobs beside each other. `false`: the worker died on the way.
    pub async fn work(&mut self, worker: &Context, due: &[JobId]) -> bool {
        let mut work = pin!(join_all(due.iter().map(|job| jobs::run(worker, *job))));
        let lived = poll_fn(|context| {
            if self.dies_now() {
                return Poll::Ready(false);
            }
            work.as_mut().poll(context).map(|_ran| true)
        })
        .await;
        self.deaths += usize::from(!lived);
        lived
    }

    /// Called whenever the worker could go on: after each answer of Snipe-IT's or of the database.
    fn dies_now(&mut self) -> bool {
        let calls = self.state.ledger().count_requests();
        let new = calls.saturating_sub(self.calls_seen);
        self.calls_seen = calls;
        for _ in 0..new {
            self.pass_call();
        }
        match &mut self.death {
            Some(Death { calls: 0, steps: 0 }) => {
                self.death = None;
                true
            }
            Some(Death { calls: 0, steps }) => {
                *steps -= 1;
                false
            }
            Some(_) | None => false,
        }
    }

    fn pass_call(&mut self) {
        if let Some(death) = &mut self.death {
            death.calls = death.calls.saturating_sub(1);
        }
        if self.is_busy && self.dice.percent(60) {
            for _ in 0..self.dice.below(6) {
                self.person.act();
            }
        }
    }
}
