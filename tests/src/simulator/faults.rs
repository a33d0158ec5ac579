//! What can go wrong on the way, as values: a queue of faults that calls run into, and holds that stop a call at a step.
//!
//! A fault is used up by the calls it matches. A hold is how a test gets between two steps without sleeping.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::call::CallKind;

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
        Self {
            on: Some(kind),
            ..Self::on_every_call()
        }
    }

    pub fn on_every_call() -> Self {
        Self {
            on: None,
            asset: None,
            times: once(),
            delay_before_ms: 0,
            delay_after_ms: 0,
            trouble: None,
        }
    }

    pub fn asset(self, asset: i64) -> Self {
        Self {
            asset: Some(asset),
            ..self
        }
    }

    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    pub fn until_cleared(self) -> Self {
        Self {
            times: None,
            ..self
        }
    }

    pub fn delay_before(self, delay: Duration) -> Self {
        Self {
            delay_before_ms: delay.as_millis() as u64,
            ..self
        }
    }

    pub fn delay_after(self, delay: Duration) -> Self {
        Self {
            delay_after_ms: delay.as_millis() as u64,
            ..self
        }
    }

    pub fn trouble(self, trouble: Trouble) -> Self {
        Self {
            trouble: Some(trouble),
            ..self
        }
    }

    pub fn instead(self, page: Page) -> Self {
        self.trouble(Trouble::Instead(page))
    }

    fn strikes(&self, kind: Option<CallKind>, asset: Option<i64>) -> bool {
        matches(self.on, self.asset, kind, asset)
    }
}

fn matches(
    on: Option<CallKind>,
    of: Option<i64>,
    kind: Option<CallKind>,
    asset: Option<i64>,
) -> bool {
    (on.is_none() || on == kind) && (of.is_none() || of == asset)
}

#[derive(Debug, Default)]
pub struct Faults {
    queue: Mutex<Vec<Fault>>,
    holds: Mutex<Vec<Arc<HoldPoint>>>,
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
        let point = Arc::new(HoldPoint {
            on,
            asset,
            step,
            waiting: watch::Sender::new(0),
            released: watch::Sender::new(false),
        });
        self.holds().push(Arc::clone(&point));
        Hold { point }
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

    pub(super) async fn pass(&self, kind: CallKind, asset: Option<i64>, step: Step) {
        for point in self.points_at(kind, asset, step) {
            point.wait().await;
        }
    }

    fn points_at(&self, kind: CallKind, asset: Option<i64>, step: Step) -> Vec<Arc<HoldPoint>> {
        let mut holds = self.holds();
        holds.retain(|point| !*point.released.borrow());
        let here = |point: &&Arc<HoldPoint>| {
            point.step == step && matches(Some(point.on), point.asset, Some(kind), asset)
        };
        holds.iter().filter(here).cloned().collect()
    }

    fn queue(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.queue
            .lock()
            .expect("no panic while the faults are held")
    }

    fn holds(&self) -> MutexGuard<'_, Vec<Arc<HoldPoint>>> {
        self.holds
            .lock()
            .expect("no panic while the holds are held")
    }
}

#[derive(Debug)]
struct HoldPoint {
    on: CallKind,
    asset: Option<i64>,
    step: Step,
    waiting: watch::Sender<usize>,
    released: watch::Sender<bool>,
}

impl HoldPoint {
    async fn wait(&self) {
        self.waiting.send_modify(|calls| *calls += 1);
        let mut released = self.released.subscribe();
        released
            .wait_for(|released| *released)
            .await
            .expect("the sender lives in this point");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{reached} of {wanted} calls reached the hold within {waited:?}")]
pub struct NotReached {
    pub reached: usize,
    pub wanted: usize,
    pub waited: Duration,
}

/// Keeps calls at a step. Dropping it lets them go, so that a failed test does not hang its server.
#[derive(Debug)]
pub struct Hold {
    point: Arc<HoldPoint>,
}

impl Hold {
    /// Waits until so many calls have come to stand here.
    pub async fn reached(&self, wanted: usize, deadline: Duration) -> Result<(), NotReached> {
        let mut waiting = self.point.waiting.subscribe();
        let arrived = waiting.wait_for(|calls| *calls >= wanted);
        match tokio::time::timeout(deadline, arrived).await {
            Ok(_) => Ok(()),
            Err(_) => Err(NotReached {
                reached: *self.point.waiting.borrow(),
                wanted,
                waited: deadline,
            }),
        }
    }

    pub fn release(&self) {
        self.point.released.send_replace(true);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_it_says_and_only_its_own_calls() {
        let faults = Faults::default();
        faults.add(
            Fault::on(CallKind::Checkout)
                .asset(7)
                .times(2)
                .instead(Page::ServerError),
        );

        assert_eq!(faults.take(Some(CallKind::Checkout), Some(8)), None);
        assert_eq!(faults.take(Some(CallKind::Show), Some(7)), None);
        assert!(faults.take(Some(CallKind::Checkout), Some(7)).is_some());
        assert!(faults.take(Some(CallKind::Checkout), Some(7)).is_some());
        assert_eq!(faults.take(Some(CallKind::Checkout), Some(7)), None);
    }

    #[test]
    fn a_fault_from_json_strikes_once_unless_told_otherwise() {
        let fault: Fault = serde_json::from_str(
            r#"{"on": "checkout", "trouble": {"late": {"after_ms": 50, "client": "reset"}}}"#,
        )
        .unwrap();

        let late = Trouble::Late {
            after_ms: 50,
            client: Sees::Reset,
        };
        assert_eq!(fault, Fault::on(CallKind::Checkout).trouble(late));
    }
}
