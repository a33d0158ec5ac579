//! `cargo run --release -p makerlab-tests --bin storm`: the promises, where everything breaks.
//!
//! Two apis and three workers run as processes over servers of their own. Borrowers borrow and bring back, while a plan
//! that the seed decides kills, freezes, cuts off and meddles. Then everything stops, what is open comes to its end, and
//! the checker compares what every client was told, the database, Snipe-IT's ledger and the mailbox.

mod board;
mod calm;
mod cast;
mod checker;
mod collect;
mod door;
mod drive;
mod evidence;
mod ground;
mod hands;
mod memory;
mod options;
mod patient;
mod plan;
mod rage;
mod recovery;
mod report;
pub mod scenario;
mod smtp_proxy;
mod snipeit_proxy;
mod stage;
mod tenures;
mod times;
mod weather;
mod world;

use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

pub use options::Options;
pub use plan::Plan;
pub use report::Report;

use ground::GroundOptions;
use memory::Memory;
use rage::{Chronicle, Rage};
use stage::Stage;
use weather::Mood;

pub const APIS: usize = 2;
pub const WORKERS: usize = 3;

/// The storm takes at least so long, however few operations are asked for, so that there is a storm.
const SHORTEST: Duration = Duration::from_secs(75);
/// Wishes in a second, at most: what two cores carry beside everything else.
const MOST_WISHES: f64 = 12.0;

/// One storm, from the first process to the verdict; how it goes is told on standard error.
pub async fn run(options: &Options) -> Result<Report> {
    eprintln!("starting PostgreSQL, RabbitMQ, simulator, mailbox, proxies, {APIS} apis and {WORKERS} workers");
    let mut stage = Stage::set(&GroundOptions::new(options.seed, options.policy())).await?;
    let chronicle = storm(&mut stage, options).await?;
    let mut report = stage.clear(chronicle).await?;
    report.wanted = options.loans() * 2;
    Ok(report)
}

/// Until everything that is wanted has happened.
async fn storm(stage: &mut Stage, options: &Options) -> Result<Chronicle> {
    stage.ground.snipeit.set_mood(Mood::Stormy);
    stage.ground.smtp.set_mood(Mood::Stormy);
    let stop = CancellationToken::new();
    let gap = SHORTEST.div_f64(options.loans() as f64).max(Duration::from_secs_f64(1.0 / MOST_WISHES));
    let submitting = stage.submit(options.loans() * 2, gap, options.longest(), &stop);
    let telling = tokio::spawn(tell_progress(stage.memory.clone(), stop.clone()));
    let raged = Rage::new(&mut stage.ground).run(Plan::new(options.seed, APIS, WORKERS), &stop).await;
    stop.cancel();
    submitting.await?;
    telling.await?;
    stage.ground.snipeit.set_mood(Mood::Calm);
    stage.ground.smtp.set_mood(Mood::Calm);
    raged
}

async fn tell_progress(memory: Memory, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(10))).await.is_some() {
        let told = memory.told();
        eprintln!(
            "          {} accepted, {} were out, {} are back, {} failed, {} open",
            told.accepted.len(),
            told.out.len(),
            told.back.len(),
            told.failed.len(),
            memory.units_open()
        );
    }
}
