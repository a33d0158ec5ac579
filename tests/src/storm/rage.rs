//! Carries the plan out: breaks things when their time has come, mends them when theirs has, and notes when each was
//! whole again.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use anyhow::Result;
use chrono::Utc;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    ground::Ground,
    hands::{Hands, Undo},
    plan::{Disturbance, Plan},
    recovery::FaultEnd,
};
use crate::{
    lab::{LabError, Postgres, RabbitMq, services::off_the_runtime},
    stack::Process,
};

/// A program that could not start, for want of its database, is started again after this.
const RESTART_PAUSE: Duration = Duration::from_millis(500);
/// A quorum queue that is younger may come back from a kill without a leader; the second bell would do its work, slowly.
const BROKER_REST: Duration = Duration::from_secs(10);

/// What was done to the lab.
#[derive(Debug, Default)]
pub struct Chronicle {
    pub ends: Vec<FaultEnd>,
    pub counts: BTreeMap<&'static str, usize>,
}

/// What is to be mended, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mend {
    Start(Process),
    Thaw(usize),
    StartBroker,
    StartDatabase,
    SnipeitBack,
    MailBack,
    Hand(Undo),
}

pub struct Rage<'g> {
    ground: &'g mut Ground,
    hands: Hands,
    mends: Vec<(Instant, Mend)>,
    /// What is broken at the moment: nothing is broken twice.
    broken: HashSet<String>,
    broker: Option<JoinHandle<Result<(), LabError>>>,
    broker_up_since: Instant,
    chronicle: Chronicle,
}

impl<'g> Rage<'g> {
    pub fn new(ground: &'g mut Ground) -> Self {
        let hands = Hands::new(ground.simulator.state().clone());
        Self {
            ground,
            hands,
            mends: Vec::new(),
            broken: HashSet::new(),
            broker: None,
            broker_up_since: Instant::now(),
            chronicle: Chronicle::default(),
        }
    }

    /// Until stopped; then everything is mended.
    pub async fn run(mut self, plan: Plan, stop: &CancellationToken) -> Result<Chronicle> {
        let began = Instant::now();
        for entry in plan {
            if !self.mend_until(began + entry.at, stop).await? {
                break;
            }
            eprintln!("{entry}");
            self.disturb(entry.disturbance).await?;
        }
        self.mend_all().await?;
        Ok(self.chronicle)
    }

    /// `false` when it was stopped meanwhile.
    async fn mend_until(&mut self, until: Instant, stop: &CancellationToken) -> Result<bool> {
        loop {
            self.note_broker().await?;
            let next = self.mends.iter().map(|(at, _)| *at).min().map_or(until, |at| at.min(until));
            tokio::select! {
                () = sleep_until(next) => {}
                () = stop.cancelled() => return Ok(false),
            }
            if let Some(place) = self.mends.iter().position(|(at, _)| *at <= Instant::now()) {
                let (_, mend) = self.mends.swap_remove(place);
                self.mend(mend).await?;
            } else if Instant::now() >= until {
                return Ok(true);
            }
        }
    }

    async fn disturb(&mut self, disturbance: Disturbance) -> Result<()> {
        let name = match disturbance {
            Disturbance::Kill { process: process @ Process::Api(_), .. } => {
                self.kill(process, disturbance, "api_kills")
            }
            Disturbance::Kill { process, .. } => self.kill(process, disturbance, "worker_kills"),
            Disturbance::Freeze { worker, still } => {
                let process = Process::Worker(worker);
                if !self.breaks(process.to_string()) {
                    return Ok(());
                }
                self.ground.stack.process(process).server.freeze()?;
                self.later(still, Mend::Thaw(worker));
                Some("worker_freezes")
            }
            Disturbance::KillBroker { down } => {
                if self.broker_up_since.elapsed() < BROKER_REST || !self.breaks("broker".to_owned()) {
                    return Ok(());
                }
                self.ground
                    .with_broker(|broker| {
                        broker.kill();
                        Ok(())
                    })
                    .await?;
                self.later(down, Mend::StartBroker);
                Some("broker_kills")
            }
            Disturbance::StopDatabase { down } => {
                if !self.breaks("database".to_owned()) {
                    return Ok(());
                }
                self.ground
                    .with_postgres(|postgres| {
                        postgres.stop_immediate();
                        Ok(())
                    })
                    .await?;
                self.later(down, Mend::StartDatabase);
                Some("database_stops")
            }
            Disturbance::SnipeitAway { away } => self.breaks("Snipe-IT".to_owned()).then(|| {
                self.ground.snipeit.go_away();
                self.later(away, Mend::SnipeitBack);
                "snipeit_outages"
            }),
            Disturbance::MailAway { away } => self.breaks("mail".to_owned()).then(|| {
                self.ground.smtp.go_away();
                self.later(away, Mend::MailBack);
                "mail_outages"
            }),
            Disturbance::Hand(hand) => {
                if let Some((back, undo)) = self.hands.act(hand) {
                    self.later(back, Mend::Hand(undo));
                }
                Some("hands")
            }
        };
        if let Some(name) = name {
            *self.chronicle.counts.entry(name).or_default() += 1;
        }
        Ok(())
    }

    fn kill(&mut self, process: Process, disturbance: Disturbance, name: &'static str) -> Option<&'static str> {
        let Disturbance::Kill { down, .. } = disturbance else { return None };
        if !self.breaks(process.to_string()) {
            return None;
        }
        self.ground.stack.process(process).server.kill();
        self.later(down, Mend::Start(process));
        Some(name)
    }

    async fn mend(&mut self, mend: Mend) -> Result<()> {
        match mend {
            Mend::Start(process) => match self.ground.stack.start_again(process).await {
                Ok(()) => self.whole(process.to_string(), "was started again"),
                Err(_) => self.later(RESTART_PAUSE, mend),
            },
            Mend::Thaw(worker) => {
                let process = Process::Worker(worker);
                self.ground.stack.process(process).server.thaw()?;
                self.whole(process.to_string(), "was thawed");
            }
            Mend::StartBroker => {
                // It takes many seconds, and the storm does not wait.
                let broker = self.ground.services.rabbitmq.clone();
                self.broker = Some(tokio::spawn(off_the_runtime(move || RabbitMq::start_again(&broker))));
            }
            Mend::StartDatabase => {
                self.ground.with_postgres(Postgres::start_again).await?;
                self.whole("database".to_owned(), "is back");
            }
            Mend::SnipeitBack => {
                self.ground.snipeit.come_back();
                self.whole("Snipe-IT".to_owned(), "is back");
            }
            Mend::MailBack => {
                self.ground.smtp.come_back();
                // No operation waits for a letter.
                self.broken.remove("mail");
            }
            Mend::Hand(undo) => self.hands.undo(undo),
        }
        Ok(())
    }

    async fn mend_all(&mut self) -> Result<()> {
        // The database first: programs cannot start without it.
        self.mends.sort_by_key(|(_, mend)| *mend != Mend::StartDatabase);
        while !self.mends.is_empty() {
            let (at, mend) = self.mends.remove(0);
            if at > Instant::now() && matches!(mend, Mend::Thaw(_)) {
                sleep_until(at).await;
            }
            self.mend(mend).await?;
        }
        if let Some(broker) = self.broker.take() {
            broker.await??;
            self.broker_is_up();
        }
        Ok(())
    }

    async fn note_broker(&mut self) -> Result<()> {
        if let Some(broker) = self.broker.take_if(|broker| broker.is_finished()) {
            broker.await??;
            self.broker_is_up();
        }
        Ok(())
    }

    fn broker_is_up(&mut self) {
        self.broker_up_since = Instant::now();
        self.whole("broker".to_owned(), "is back");
    }

    /// Whether it was whole until now.
    fn breaks(&mut self, what: String) -> bool {
        self.broken.insert(what)
    }

    fn whole(&mut self, what: String, how: &str) {
        self.broken.remove(&what);
        self.chronicle.ends.push(FaultEnd { what: format!("{what} {how}"), at: Utc::now() });
    }

    fn later(&mut self, after: Duration, mend: Mend) {
        self.mends.push((Instant::now() + after, mend));
    }
}
