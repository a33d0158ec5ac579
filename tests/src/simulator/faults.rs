//! What can go wrong on the way, as values: a queue of faults, used up by the calls that run into them.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::call::CallKind;
use super::hold::{Hold, Holds};

/// The steps of a call, in order. Reads know the first and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The request was read; nothing was looked at.
    Arrived,
    /// Valid and available as far as this call could see.
    Checked,
    /// The asset row is written.
    Saved,
    /// The log row is written.
    Logged,
    /// The mail was handed over.
    Mailed,
    /// Everything is done but the answer.
    Answering,
}

/// An answer that is not the call's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    ServerError,
    BadGateway,
    Maintenance,
    /// What a Snipe-IT without its database answers.
    RedirectToSetup,
    RedirectToLogin,
    Unauthorized,
    Forbidden,
    NotFound,
    TooManyRequests,
    BrokenJson,
    /// 200 with a page for people: what a portal or another program at that address answers.
    WebPage,
    /// 301 to this address, as a proxy does that wants another one.
    MovedTo(String),
    /// 200 `status: error` with this message.
    Refusal(String),
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    Close,
    Reset,
}

/// What a client sees of a request that the server is still at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sees {
    /// The connection breaks at once.
    Reset,
    /// Nothing, until the client gives up.
    Silence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// This page, and no effect.
    Instead(Page),
    /// The effect, then this page.
    AnswerWith(Page),
    /// The call's own answer, without this field of the object or of each row: another version's.
    Without(String),
    /// The effect, then no answer.
    LoseAnswer(Cut),
    /// The effect, then half of the answer's bytes.
    HalfAnswer,
    /// The check, then this wait, then the effect; the client learns nothing.
    Late { after_ms: u64, client: Sees },
    /// A mail server that accepts and hangs for this long.
    HungMail { for_ms: u64 },
    /// The server dies right after this step: no further step, no answer.
    DieAfter(Step),
}

/// A fault waits for matching calls; each uses it up once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which calls; none means every call.
    #[serde(default)]
    pub on: Option<CallKind>,
    #[serde(default)]
    pub asset: Option<i64>,
    /// How many calls it strikes; none means until cleared.
    #[serde(default = "once")]
    pub times: Option<u32>,
    #[serde(default)]
    pub delay_before_ms: u64,
    #[serde(default)]
    pub delay_after_ms: u64,
    #[serde(default)]
    pub trouble: Option<Trouble>,
}

fn once() -> Option<u32> {
    Some(1)
}

impl Fault {
    pub fn on(kind: CallKind) -> Self {
        Self { on: Some(kind), ..Self::on_every_call() }
    }

    pub fn on_every_call() -> Self {
        Self { on: None, asset: None, times: once(), delay_before_ms: 0, delay_after_ms: 0, trouble: None }
    }

    pub fn asset(self, asset: i64) -> Self {
        Self { asset: Some(asset), ..self }
    }

    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    pub fn until_cleared(self) -> Self {
        Self { times: None, ..self }
    }

    pub fn delay_before(self, delay: Duration) -> Self {
        Self { delay_before_ms: delay.as_millis() as u64, ..self }
    }

    pub fn delay_after(self, delay: Duration) -> Self {
        Self { delay_after_ms: delay.as_millis() as u64, ..self }
    }

    pub fn trouble(self, trouble: Trouble) -> Self {
        Self { trouble: Some(trouble), ..self }
    }

    pub fn instead(self, page: Page) -> Self {
        self.trouble(Trouble::Instead(page))
    }

    fn strikes(&self, kind: Option<CallKind>, asset: Option<i64>) -> bool {
        matches(self.on, self.asset, kind, asset)
    }
}

pub(super) fn matches(on: Option<CallKind>, of: Option<i64>, kind: Option<CallKind>, asset: Option<i64>) -> bool {
    (on.is_none() || on == kind) && (of.is_none() || of == asset)
}

#[derive(Debug, Default)]
pub struct Faults {
    queue: Mutex<Vec<Fault>>,
    holds: Holds,
}

impl Faults {
    /// Puts a fault at the end of the queue.
    pub fn add(&self, fault: Fault) {
        self.queue().push(fault);
    }

    pub fn clear(&self) {
        self.queue().clear();
    }

    /// The faults that no call has used up yet.
    pub fn pending(&self) -> Vec<Fault> {
        self.queue().clone()
    }

    /// From now on, calls of this kind (on this asset) stop at this step until the hold is released or dropped.
    pub fn hold(&self, on: CallKind, asset: Option<i64>, step: Step) -> Hold {
        self.holds.add(on, asset, step)
    }

    /// Waits wherever a hold stands at this step of this call.
    pub(super) async fn pass(&self, kind: CallKind, asset: Option<i64>, step: Step) {
        self.holds.pass(kind, asset, step).await;
    }

    /// The first fault that strikes this call, used up once.
    pub(super) fn take(&self, kind: Option<CallKind>, asset: Option<i64>) -> Option<Fault> {
        let mut queue = self.queue();
        let index = queue.iter().position(|fault| fault.strikes(kind, asset))?;
        match &mut queue[index].times {
            Some(0 | 1) => Some(queue.remove(index)),
            Some(times) => {
                *times -= 1;
                Some(queue[index].clone())
            }
            None => Some(queue[index].clone()),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.queue.lock().expect("no panic while the faults are held")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_it_says_and_only_its_own_calls() {
        let faults = Faults::default();
        faults.add(Fault::on(CallKind::Checkout).asset(7).times(2).instead(Page::ServerError));

        assert_eq!(faults.take(Some(CallKind::Checkout), Some(8)), None);
        assert_eq!(faults.take(Some(CallKind::Show), Some(7)), None);
        assert!(faults.take(Some(CallKind::Checkout), Some(7)).is_some());
        assert!(faults.take(Some(CallKind::Checkout), Some(7)).is_some());
        assert_eq!(faults.take(Some(CallKind::Checkout), Some(7)), None);
    }

    #[test]
    fn a_fault_from_json_strikes_once_unless_told_otherwise() {
        let fault: Fault =
            serde_json::from_str(r#"{"on": "checkout", "trouble": {"late": {"after_ms": 50, "client": "reset"}}}"#)
                .unwrap();

        let late = Trouble::Late { after_ms: 50, client: Sees::Reset };
        assert_eq!(fault, Fault::on(CallKind::Checkout).trouble(late));
    }
}
