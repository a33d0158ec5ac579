//! Holds stop calls at a step until a test lets them go: how it gets between two steps without sleeping.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::call::CallKind;
use super::faults::{Step, matches};

#[derive(Debug, Default)]
pub(super) struct Holds {
    points: Mutex<Vec<Arc<HoldPoint>>>,
}

impl Holds {
    pub(super) fn add(&self, on: CallKind, asset: Option<i64>, step: Step) -> Hold {
        let (waiting, released) = (watch::Sender::new(0), watch::Sender::new(false));
        let point = Arc::new(HoldPoint { on, asset, step, waiting, released });
        self.points.lock().expect(UNPOISONED).push(Arc::clone(&point));
        Hold { point }
    }

    pub(super) async fn pass(&self, kind: CallKind, asset: Option<i64>, step: Step) {
        for point in self.points_at(kind, asset, step) {
            point.wait().await;
        }
    }

    fn points_at(&self, kind: CallKind, asset: Option<i64>, step: Step) -> Vec<Arc<HoldPoint>> {
        let mut points = self.points.lock().expect(UNPOISONED);
        points.retain(|point| !*point.released.borrow());
        let stands_here =
            |point: &&Arc<HoldPoint>| point.step == step && matches(Some(point.on), point.asset, Some(kind), asset);
        points.iter().filter(stands_here).cloned().collect()
    }
}

const UNPOISONED: &str = "no panic while the holds are held";

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
        released.wait_for(|released| *released).await.expect("the sender lives in this point");
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
            Err(_) => Err(NotReached { reached: *self.point.waiting.borrow(), wanted, waited: deadline }),
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
