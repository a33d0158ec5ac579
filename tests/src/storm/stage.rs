//! Ground, cast and clients together: set before anything is broken, cleared when everything has come to its end.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    calm,
    cast::Cast,
    checker, collect,
    drive::Drive,
    evidence,
    ground::{Ground, GroundOptions},
    memory::Memory,
    patient::Patient,
    rage::Chronicle,
    recovery,
    report::Report,
};

pub struct Stage {
    pub ground: Ground,
    pub cast: Cast,
    pub patient: Patient,
    pub memory: Memory,
    pub drive: Drive,
    began: Instant,
    seed: u64,
    over: CancellationToken,
    returning: JoinHandle<()>,
}

impl Stage {
    pub async fn set(options: &GroundOptions) -> Result<Self> {
        let began = Instant::now();
        let ground = Ground::prepare(options).await?;
        let cast = Cast::assemble(&ground).await?;
        let (memory, patient) = (Memory::default(), Patient::new(ground.api_urls())?);
        let drive = Drive::new(cast.clone(), patient.clone(), memory.clone());
        let over = CancellationToken::new();
        let returning = {
            let (drive, over) = (drive.clone(), over.clone());
            tokio::spawn(async move { drive.bring_back(&over).await })
        };
        Ok(Self { ground, cast, patient, memory, drive, began, seed: options.seed, over, returning })
    }

    /// Wishes, one each `gap`, until so many check-outs and check-ins took effect or the time is up; then `stop` is
    /// cancelled. Stopping it from outside ends the wishes.
    pub fn submit(&self, effects: usize, gap: Duration, longest: Duration, stop: &CancellationToken) -> JoinHandle<()> {
        let (drive, stop, seed) = (self.drive.clone(), stop.clone(), self.seed);
        let state = Arc::new(self.ground.simulator.state().clone());
        tokio::spawn(async move {
            let effective = || state.ledger().count_lendings_by_programs();
            let submitting = drive.submit(seed, effects, effective, gap, Instant::now() + longest);
            stop.run_until_cancelled(submitting).await;
            stop.cancel();
        })
    }

    /// Nothing is broken any more: everything comes to its end, and the checker looks.
    pub async fn clear(self, chronicle: Chronicle) -> Result<Report> {
        eprintln!("calm after {:.0} s: everything comes to its end", self.began.elapsed().as_secs_f64());
        self.drive.all_heard().await;
        let settled = calm::settle(&self.ground, &self.cast, &self.patient, &self.memory).await?;
        // The board has to see the last returns, too.
        sleep(Duration::from_secs(1)).await;
        self.over.cancel();
        self.returning.await?;
        self.drive.all_heard().await;
        let mut report = judge(&self.ground, &self.memory, chronicle).await?;
        report.seed = self.seed;
        report.seconds = self.began.elapsed().as_secs_f64();
        (report.with_person, report.findings) = (settled.with_person, settled.findings);
        Ok(report)
    }
}

async fn judge(ground: &Ground, memory: &Memory, chronicle: Chronicle) -> Result<Report> {
    let world = collect::world(ground, memory.told()).await?;
    let problems = checker::check(&world);
    evidence::tell(ground, &problems).await?;
    let recovery = recovery::longest(&chronicle.ends, &world.operations);
    if let Some((time, end)) = &recovery {
        eprintln!("the longest recovery took {:.1} s, after {} at {}", time.as_secs_f64(), end.what, end.at.time());
    }
    for (what, count) in &world.told.refusals {
        eprintln!("refused {count} times: {what}");
    }
    let (calls, mails) = (ground.snipeit.tally(), ground.smtp.tally());
    eprintln!("calls met {calls:?}\nconversations with the mail server met {mails:?}");
    let mut report = Report {
        operations: checker::count_effective(&world),
        mails: world.mails.len(),
        drops_after_data: ground.smtp.count_drops_after_data(),
        recovery_seconds_max: recovery.map_or(0.0, |(time, _)| time.as_secs_f64()),
        unanswered: world.told.unanswered.len(),
        disturbances: chronicle.counts,
        calls_spoilt: calls.values().sum(),
        mails_spoilt: mails.values().sum(),
        ..Report::default()
    };
    report.count(&problems);
    Ok(report)
}
