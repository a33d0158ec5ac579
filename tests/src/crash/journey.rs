//! One case from the first request to the last letter, with one death on the way.

use std::os::unix::process::ExitStatusExt;

use anyhow::{Context, bail, ensure};
use makerlab_shared::crash;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    case::{Case, Leg, Victim},
    ground::{Ground, Heard, Somebody},
    troubles, verdict,
    waiting::POLL,
};
use crate::{
    lab::{LabFolder, Services},
    stack::{Server, Variables},
};

const SIGABRT: i32 = 6;

/// The way did not lead past the point: nobody has died, so nothing was tried. Holds the victim's last words.
#[derive(Debug, thiserror::Error)]
#[error("the point was not met: {0}")]
pub(super) struct NotMet(pub(super) String);

pub(super) struct Journey {
    pub case: Case,
    pub ground: Ground,
    pub requisitions: Vec<Uuid>,
    /// Those who had the units before, where the case has them.
    pub former: Vec<Uuid>,
    /// Those that were given up again, where the case has them.
    pub cancelled: Vec<Uuid>,
    is_buried: bool,
}

/// Travels, and judges what is left.
pub(super) async fn travel(case: Case, services: &Services, folder: LabFolder) -> anyhow::Result<()> {
    let mut journey = Journey::begin(case, services, folder).await?;
    for leg in Leg::ALL {
        match leg == case.leg {
            true => journey.die_on(leg).await.context("on the way to the death")?,
            false => journey.pass(leg).await?,
        }
    }
    journey.settle().await?;
    verdict::judge(&mut journey).await
}

impl Journey {
    async fn begin(case: Case, services: &Services, folder: LabFolder) -> anyhow::Result<Self> {
        let ground = Ground::lay(services, folder, troubles::settings(&case)).await?;
        let (requisitions, former, cancelled) = (Vec::new(), Vec::new(), Vec::new());
        let mut journey = Self { case, ground, requisitions, former, cancelled, is_buried: false };
        journey.ground.stack.start_api().await?;
        Ok(journey)
    }

    /// A leg on which nobody dies. Letters alone can wait for the next one.
    async fn pass(&mut self, leg: Leg) -> anyhow::Result<()> {
        self.ask(leg).await?;
        if leg != Leg::Mail {
            self.ground.start_worker()?;
        }
        self.reach(leg).await
    }

    async fn die_on(&mut self, leg: Leg) -> anyhow::Result<()> {
        let plan = vec![(crash::VARIABLE.to_owned(), self.case.plan().to_string())];
        match self.case.victim {
            Victim::Api => {
                self.dismiss_worker().await?;
                self.ground.stack.kill_api();
                self.ground.stack.start_api_with(&plan).await?;
                self.ask(leg).await?;
                self.bury_api().await?;
            }
            Victim::Worker if self.case.afterwards => {
                // The first rounds are over before there is anything in them.
                self.ground.start_worker()?;
                self.ground.comes_to_rest().await?;
                self.pass(leg).await?;
                self.dismiss_worker().await?;
                self.let_a_worker_die(&plan).await?;
            }
            Victim::Worker => {
                troubles::beforehand(self).await?;
                self.dismiss_worker().await?;
                troubles::prepare(self);
                self.ask(leg).await?;
                troubles::in_between(self).await?;
                self.let_a_worker_die(&plan).await?;
            }
        }
        self.ground.start_worker()?;
        troubles::afterwards(self).await?;
        self.reach(leg).await
    }

    /// Everything that can be known is known in the end.
    async fn settle(&mut self) -> anyhow::Result<()> {
        self.ground.start_worker()?;
        self.ground.effects_are_confirmed().await?;
        self.ground.comes_to_rest().await
    }

    /// What a person asks for on this leg, for every requisition.
    async fn ask(&mut self, leg: Leg) -> anyhow::Result<()> {
        for index in 0..self.case.requisitions() {
            if leg == self.case.leg && !self.is_buried {
                troubles::lose_the_queue(self).await?;
            }
            match leg {
                Leg::Mail => {
                    let wish = self.ground.wish(troubles::starts_at(&self.case));
                    let requisition = self.submit(index, &wish).await?;
                    self.requisitions.push(requisition);
                }
                Leg::CheckOut => self.approve(self.requisitions[index]).await?,
                Leg::CheckIn => self.give_back(index).await?,
            }
        }
        Ok(())
    }

    /// Whose turn it is says `index`.
    pub async fn submit(&mut self, index: usize, wish: &Value) -> anyhow::Result<Uuid> {
        let student = self.ground.students[index % 2].clone();
        let key = Uuid::now_v7().to_string();
        let answer = self.insist(&student, "/v1/requisitions", wish, &key).await?;
        answer["id"].as_str().and_then(|id| id.parse().ok()).context("a requisition has an id")
    }

    pub async fn approve(&mut self, requisition: Uuid) -> anyhow::Result<()> {
        let path = format!("/v1/requisitions/{requisition}/approve");
        let technician = self.ground.technician.clone();
        self.insist(&technician, &path, &json!({}), &format!("approve-{requisition}")).await.map(drop)
    }

    async fn give_back(&mut self, index: usize) -> anyhow::Result<()> {
        let of = "select id from loans where requisition_id = $1 and status = 'checked_out'";
        let loan: Uuid = sqlx::query_scalar(of).bind(self.requisitions[index]).fetch_one(&self.ground.pool).await?;
        let student = self.ground.students[index % 2].clone();
        let path = format!("/v1/loans/{loan}/return");
        self.insist(&student, &path, &json!({}), &format!("return-{loan}")).await.map(drop)
    }

    pub async fn cancel(&mut self, index: usize, requisition: Uuid) -> anyhow::Result<()> {
        let student = self.ground.students[index % 2].clone();
        let path = format!("/v1/requisitions/{requisition}/cancel");
        self.insist(&student, &path, &json!({}), &format!("cancel-{requisition}")).await.map(drop)
    }

    /// A technician's answer to every open finding of a kind.
    pub async fn answer(&mut self, kind: &str, resolution: &str) -> anyhow::Result<()> {
        let open = "select id from findings where kind = $1 and state = 'open'";
        let open: Vec<Uuid> = sqlx::query_scalar(open).bind(kind).fetch_all(&self.ground.pool).await?;
        let technician = self.ground.technician.clone();
        for finding in open {
            let path = format!("/v1/findings/{finding}/settle");
            let answer = json!({ "resolution": resolution });
            self.insist(&technician, &path, &answer, &format!("settle-{finding}")).await?;
        }
        Ok(())
    }

    /// As a frontend does after a broken connection: the same request with the same key, until it is answered.
    async fn insist(&mut self, who: &Somebody, path: &str, body: &Value, key: &str) -> anyhow::Result<Value> {
        for _ in 0..50 {
            match self.ground.post(who, path, body, key).await {
                Ok(Heard { status, body }) if status.is_success() => return Ok(body),
                // The dead api's transaction is rolled back in a moment.
                Ok(Heard { status: StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE, .. }) => sleep(POLL).await,
                Ok(Heard { status, body }) => bail!("POST {path} was answered with {status}: {body}"),
                Err(_) => {
                    self.bury_api().await?;
                    sleep(POLL).await;
                }
            }
        }
        bail!("POST {path} was not answered")
    }

    pub async fn reach(&self, leg: Leg) -> anyhow::Result<()> {
        let status = match leg {
            Leg::Mail => return Ok(()),
            Leg::CheckOut => "checked_out",
            Leg::CheckIn => "returned",
        };
        self.come_to(status, &self.requisitions).await
    }

    pub async fn come_to(&self, status: &str, requisitions: &[Uuid]) -> anyhow::Result<()> {
        let what = format!("every requisition is {status}");
        let sql = "select count(*) from requisitions where id = any($1) and status = $2";
        self.ground
            .eventually(&what, async || {
                let there = sqlx::query_scalar(sql).bind(requisitions).bind(status);
                let there: Result<i64, _> = there.fetch_one(&self.ground.pool).await;
                there.is_ok_and(|there| there as usize == requisitions.len())
            })
            .await
    }

    /// Whoever was working goes home with nothing in hand.
    pub async fn dismiss_worker(&mut self) -> anyhow::Result<()> {
        if self.ground.worker.is_some() {
            self.ground.comes_to_rest().await?;
            self.ground.worker = None;
        }
        Ok(())
    }

    async fn let_a_worker_die(&mut self, plan: &Variables) -> anyhow::Result<()> {
        let further = troubles::settings_of_victim(&self.case);
        let mut victim = self.ground.stack.spawn_worker(&[plan.as_slice(), &further].concat())?;
        troubles::meanwhile(self, &victim).await?;
        self.ground
            .eventually("the worker dies where it was to", async || {
                if let Some(round) = self.case.round() {
                    // An error only means that the next try is in a moment.
                    let _ = self.ground.hurry(round).await;
                }
                victim.has_ended()
            })
            .await
            .with_context(|| NotMet(victim.last_words()))?;
        self.died_as_planned(&mut victim).await
    }

    /// The api is dead, or is about to be: another one takes its place.
    async fn bury_api(&mut self) -> anyhow::Result<()> {
        if self.is_buried || self.case.victim != Victim::Api {
            return Ok(());
        }
        let mut victim = self.ground.stack.apis.pop().context("there is an api")?.server;
        self.died_as_planned(&mut victim).await?;
        self.is_buried = true;
        self.ground.stack.start_api().await?;
        Ok(())
    }

    async fn died_as_planned(&self, victim: &mut Server) -> anyhow::Result<()> {
        let status = victim.ended().await?;
        let said = std::fs::read_to_string(victim.log())?;
        let farewell = format!("{}: aborting at {}", crash::VARIABLE, self.case.plan());
        ensure!(
            status.signal() == Some(SIGABRT) && said.contains(&farewell),
            "it ended with {status} and not at its point: {}",
            victim.last_words()
        );
        Ok(())
    }
}
