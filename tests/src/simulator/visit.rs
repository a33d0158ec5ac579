//! One request on its way through the steps: who asks, what was sent, and what will go wrong with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::answer::Answer;
use super::call::Call;
use super::faults::{Cut, Fault, Sees, Step, Trouble};
use super::input::Input;
use super::inventory::User;
use super::ledger::By;
use super::paging::Page;
use super::state::State;

/// How the server's work on a request ended.
#[derive(Debug)]
pub(super) enum Ending {
    Answer(Answer),
    HalfAnswer(Answer),
    Cut(Cut),
}

/// The server died at a step: what follows it never happens, and nobody is answered.
#[derive(Debug)]
pub(super) struct Died;

#[derive(Debug)]
pub(super) struct Visit {
    pub(super) state: State,
    pub(super) number: u64,
    pub(super) call: Call,
    pub(super) caller: User,
    pub(super) user_agent: Option<String>,
    pub(super) query: Input,
    pub(super) body: Input,
    pub(super) fault: Option<Fault>,
    pub(super) client: Client,
}

impl Visit {
    /// Everything that may happen after a step: being held, being late, dying. No lock is held here.
    pub(super) async fn after(&self, step: Step) -> Result<(), Died> {
        self.state.faults().pass(self.call.kind, self.call.asset(), step).await;
        match (self.trouble(), step) {
            (Some(Trouble::Late { after_ms, .. }), Step::Checked) => pause(*after_ms).await,
            (Some(Trouble::HungMail { for_ms }), Step::Logged) => pause(*for_ms).await,
            _ => {}
        }
        match self.trouble() {
            Some(Trouble::DieAfter(fatal)) if *fatal == step => Err(Died),
            _ => Ok(()),
        }
    }

    /// Whose effect this is in the ledger, decided when it lands.
    pub(super) fn by(&self) -> By {
        if self.client.is_gone() { By::Late } else { By::Api }
    }

    /// The slice of a list that was asked for, as far as this server goes along.
    pub(super) fn page(&self) -> Page {
        Page::of(&self.query, self.state.product().max_results())
    }

    pub(super) fn may(&self, permission: &str) -> bool {
        self.caller.may(permission)
    }

    /// The caller's language; everything but Portuguese is English here.
    pub(super) fn speaks_portuguese(&self) -> bool {
        self.caller.locale.as_deref().is_some_and(|locale| locale.starts_with("pt"))
    }

    fn trouble(&self) -> Option<&Trouble> {
        self.fault.as_ref()?.trouble.as_ref()
    }
}

/// What the client of a late request sees, if this fault makes it late.
pub(super) fn seen_while_late(fault: Option<&Fault>) -> Option<Sees> {
    match fault?.trouble.as_ref()? {
        Trouble::Late { client, .. } => Some(*client),
        _ => None,
    }
}

pub(super) async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// Whether somebody still waits for the answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Client(Arc<AtomicBool>);

impl Client {
    pub(super) fn is_gone(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn leave(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Marks the client gone when dropped: the HTTP server drops a handler whose client has hung up.
    pub(super) fn leaving_on_drop(&self) -> Leaving {
        Leaving(self.clone())
    }
}

#[derive(Debug)]
pub(super) struct Leaving(Client);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.leave();
    }
}
