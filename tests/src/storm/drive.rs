//! The drivers: borrowers who submit, a technician who decides, borrowers who bring back. Everything that a client is
//! told is remembered.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use makerlab_shared::domain::id::{LoanId, RequisitionId};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    board::{Board, Out},
    cast::Cast,
    memory::Memory,
    patient::{Heard, Patient},
};
use crate::stack::Person;

/// Units on their way at once: enough to keep all workers busy, few beside the units that there are.
const MOST_OPEN: usize = 90;
/// A borrower whose return came to nothing asks again.
const ASK_AGAIN: Duration = Duration::from_secs(12);

/// Cheap to clone.
#[derive(Clone)]
pub struct Drive {
    cast: Arc<Cast>,
    people: Arc<HashMap<String, Person>>,
    patient: Patient,
    memory: Memory,
    tasks: TaskTracker,
}

/// What one requester does.
#[derive(Debug, Clone)]
struct Wish {
    requester: usize,
    body: Value,
    units: usize,
    needs_yes: bool,
    /// Sent once more though it was answered: the answer must be the same.
    is_repeated: bool,
    is_given_up: bool,
    is_declined: bool,
}

impl Drive {
    pub fn new(cast: Cast, patient: Patient, memory: Memory) -> Self {
        let people = Arc::new(cast.by_id());
        Self { cast: Arc::new(cast), people, patient, memory, tasks: TaskTracker::new() }
    }

    /// Submits a wish each `gap` until so many of them took effect, as `effective` tells, or until the deadline.
    pub async fn submit(
        &self,
        seed: u64,
        effects: usize,
        effective: impl Fn() -> usize,
        gap: Duration,
        deadline: Instant,
    ) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut turn = 0;
        while Instant::now() < deadline {
            let (done, open) = (effective(), self.memory.units_open());
            if done >= effects {
                return;
            }
            // What is open brings one effect or two; if it brings none, others are asked for.
            if open < MOST_OPEN && done + open < effects {
                let wish = self.wish(turn, &mut random);
                let drive = self.clone();
                self.tasks.spawn(async move { drive.carry_out(wish).await });
                turn += 1;
            }
            sleep(gap).await;
        }
    }

    /// Brings back whatever the board shows as out, until stopped.
    pub async fn bring_back(&self, stop: &CancellationToken) {
        let board = Board { cast: (*self.cast).clone(), patient: self.patient.clone(), memory: self.memory.clone() };
        let mut asked: HashMap<LoanId, Instant> = HashMap::new();
        board
            .watch(stop, |out| {
                let now = Instant::now();
                if asked.get(&out.loan).is_none_or(|asked| now - *asked > ASK_AGAIN) {
                    asked.insert(out.loan, now);
                    let drive = self.clone();
                    self.tasks.spawn(async move { drive.give_back(out).await });
                }
            })
            .await;
    }

    /// Everybody has heard a clear answer or given up waiting.
    pub async fn all_heard(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn wish(&self, turn: usize, random: &mut ChaCha8Rng) -> Wish {
        let needs_yes = random.random_bool(0.15);
        let models = if needs_yes { &self.cast.guarded_models } else { &self.cast.free_models };
        let model = models[random.random_range(0..models.len())];
        let units = if random.random_bool(0.1) { 2 } else { 1 };
        let body = json!({
            "project_id": self.cast.project,
            "purpose": "Weathering the storm",
            "due_at": Utc::now() + TimeDelta::days(7),
            "lines": [{ "model_id": model, "quantity": units }],
        });
        Wish {
            requester: turn % self.cast.borrowers.len(),
            body,
            units,
            needs_yes,
            is_repeated: random.random_bool(0.1),
            is_given_up: random.random_bool(0.02),
            is_declined: random.random_bool(0.05),
        }
    }

    async fn carry_out(&self, wish: Wish) {
        let requester = &self.cast.borrowers[wish.requester];
        let Some(id) = self.ask(requester, &wish).await else { return };
        self.memory.accepted(id, wish.units);
        if wish.is_given_up {
            let given_up = self.say(requester, &format!("/v1/requisitions/{id}/cancel"), &json!({})).await;
            if given_up.is_some() {
                return self.memory.declined(id);
            }
        }
        if wish.needs_yes {
            self.decide(id, wish.is_declined).await;
        }
    }

    async fn ask(&self, requester: &Person, wish: &Wish) -> Option<RequisitionId> {
        const PATH: &str = "/v1/requisitions";
        let key = Patient::new_key();
        let first = self.note(PATH, self.patient.post(requester, PATH, &wish.body, &key).await)?;
        if wish.is_repeated
            && let Heard::Done(again) = self.patient.post(requester, PATH, &wish.body, &key).await
            && again["id"] != first["id"]
        {
            self.memory.contradicted(key);
        }
        first["id"].as_str()?.parse().ok()
    }

    /// A yes that cannot be given, for want of units, becomes a no.
    async fn decide(&self, id: RequisitionId, is_declined: bool) {
        let technician = &self.cast.technician;
        let is_approved =
            !is_declined && self.say(technician, &format!("/v1/requisitions/{id}/approve"), &json!({})).await.is_some();
        if is_approved {
            return;
        }
        let body = json!({ "reason": "Not in this weather" });
        if self.say(technician, &format!("/v1/requisitions/{id}/reject"), &body).await.is_some() {
            self.memory.declined(id);
        }
    }

    async fn give_back(&self, out: Out) {
        let Some(borrower) = self.people.get(&out.borrower) else { return };
        let path = format!("/v1/loans/{}/return", out.loan);
        if self.say(borrower, &path, &json!({})).await.is_some() {
            self.memory.return_accepted(out.loan);
        }
    }

    async fn say(&self, person: &Person, path: &str, body: &Value) -> Option<Value> {
        self.note(path, self.patient.post(person, path, body, &Patient::new_key()).await)
    }

    fn note(&self, path: &str, heard: Heard) -> Option<Value> {
        match heard {
            Heard::Done(body) => return Some(body),
            Heard::Refused(problem) => self.memory.refused(&problem),
            Heard::Nothing => self.memory.unanswered(path.to_owned()),
        }
        None
    }
}
