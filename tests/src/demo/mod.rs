//! `cargo demo`: a whole lab on one machine, a short day played in it, every outcome checked or left to look at.

mod board;
mod cast;
mod checks;
mod counter;
mod day;
mod expected;
mod farewell;
mod ground;
mod later;
mod leftovers;
mod letters;
mod mark;
mod options;
mod permission;
mod report;
mod returns;
mod screen;
mod shelf;
mod table;

use std::{
    env,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use makerlab_shared::domain::requisition::RequisitionStatus;
use serde_json::json;
use tokio_util::sync::CancellationToken;

pub use options::Options;

use crate::stack::{Pace, Stack, StackOptions, until};
use board::Board;
use cast::Cast;
use checks::Verdict;
use day::Day;
use ground::{Ground, Inventory};
use permission::Given;
use screen::Screen;
use shelf::Shelf;

const SYNC_PATIENCE: Duration = Duration::from_secs(90);

/// As a shell says it of a program that ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Runs until the day is checked, or, if it stays up, until it is to stop. What it started ends with it.
pub async fn run(options: Options, stopping: CancellationToken) -> Result<ExitCode> {
    let given = Given::read(|name| env::var(name).ok())?;
    let screen = Screen::new(options.json);
    let began = Instant::now();
    let Some(prepared) = stopping.run_until_cancelled(prepare(&options, given, &screen)).await else {
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let lab = prepared?;
    let asked = Asked { options: &options, stopping: &stopping, screen: &screen, began };
    let ended = live(&asked, &lab).await;
    let stopped = lab.stack.stop_gracefully().await;
    lab.ground.leave().await?;
    let code = ended?;
    stopped.map(|()| code)
}

/// What was asked for, and where to answer.
struct Asked<'a> {
    options: &'a Options,
    stopping: &'a CancellationToken,
    screen: &'a Screen,
    began: Instant,
}

/// Everything that runs; dropped in this order.
struct Lab {
    stack: Stack,
    cast: Cast,
    ground: Ground,
}

/// The day, and what comes after it; the servers are left running.
async fn live(asked: &Asked<'_>, lab: &Lab) -> Result<ExitCode> {
    let Asked { options, stopping, screen, began } = *asked;
    let board = Board::default();
    let played = stopping.run_until_cancelled(play(lab, &board, screen)).await;
    if let Inventory::Real(_) = lab.ground.inventory {
        screen.say("Returning everything that is still out");
        returns::give_everything_back(&lab.cast, &board).await?;
    }
    let Some(verdict) = played.transpose()? else { return Ok(ExitCode::from(INTERRUPTED)) };
    report(&verdict, began.elapsed(), screen);
    if options.stays_up() {
        farewell::words(&lab.stack, &lab.ground, &lab.cast).iter().for_each(|line| screen.say(line));
        stopping.cancelled().await;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(if verdict.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn prepare(options: &Options, given: Given, screen: &Screen) -> Result<Lab> {
    let ground = Ground::prepare(options, given, screen).await?;
    screen.say("Starting makerlab-api and makerlab-worker");
    let stack = Stack::start(stack_options(&ground)).await?;
    let cast = Cast::assemble(&stack, &ground.inventory, ground.mailbox.as_ref()).await?;
    screen.say("Waiting for the first catalogue sync");
    catalogue_is_there(&cast).await?;
    Ok(Lab { stack, cast, ground })
}

/// Quick against the simulator; at a real Snipe-IT the times of production.
fn stack_options(ground: &Ground) -> StackOptions {
    let mut options = StackOptions::new(ground.folder.clone(), ground.surroundings.clone());
    options.variables = match ground.inventory {
        Inventory::Simulated(_) => Pace::QUICK.variables(),
        Inventory::Real(_) => Vec::new(),
    };
    options
}

async fn catalogue_is_there(cast: &Cast) -> Result<()> {
    until("the catalogue is synchronised", SYNC_PATIENCE, async || {
        let status = cast.admin.api.get("/v1/status").await.ok()?;
        (!status["snipeit"]["catalogue_synced_at"].is_null()).then_some(())
    })
    .await
}

async fn play(lab: &Lab, board: &Board, screen: &Screen) -> Result<Verdict> {
    let Lab { ground, cast, .. } = lab;
    screen.say("A short day at the lab:\n");
    let shelf = Shelf::of(&ground.inventory, &cast.admin).await?;
    let day = Day { cast, ground, board, shelf };
    let played = tokio::select! {
        played = day.play(screen) => played,
        () = board.keep_shown(&cast.technician, ground, screen) => unreachable!("it is shown until the day is over"),
    };
    played.context("the day could not be played to its end")?;
    let mut verdict = checks::verdict(cast, ground, board).await?;
    board.show(&cast.technician, ground, screen).await?;
    verdict.checks.extend(later::play(cast, ground, screen).await?);
    Ok(verdict)
}

fn report(verdict: &Verdict, took: Duration, screen: &Screen) {
    screen.say("");
    for check in &verdict.checks {
        match &check.failure {
            None => screen.say(&format!("  ok    {}", check.what)),
            Some(seen) => screen.say(&format!("  FAIL  {}: {seen}", check.what)),
        }
    }
    let failed = verdict.checks.iter().filter(|check| !check.passed()).count();
    let seconds = took.as_secs_f64();
    screen.say(&format!("\n{} checks, {failed} failed, {seconds:.1} s in all", verdict.checks.len()));
    screen.json(&counts(verdict, seconds));
}

fn counts(verdict: &Verdict, seconds: f64) -> serde_json::Value {
    use RequisitionStatus::{CheckedOut, Failed, PartlyCheckedOut, Rejected, Returned};
    let count = |wanted: &[RequisitionStatus]| {
        verdict.requisitions.iter().filter(|requisition| wanted.contains(&requisition.status)).count()
    };
    json!({
        "requisitions": verdict.requisitions.len(),
        "checked_out": count(&[CheckedOut, PartlyCheckedOut]),
        "returned": count(&[Returned]),
        "rejected": count(&[Rejected]),
        "failed": count(&[Failed]),
        "effects": verdict.effects,
        "mails": verdict.mails,
        "findings": verdict.findings,
        "seconds": (seconds * 10.0).round() / 10.0,
        "passed": verdict.passed(),
    })
}
