//! `cargo run --release -p makerlab-tests --bin bench`: what the product does, beside what the database under it can do.
//!
//! The ratio is the figure, since machines differ: acceptance through HTTP against the same statements from pgbench,
//! in turn and on databases that were equal at the start. The worker is stopped meanwhile; its work is measured apart.

mod capture;
mod cast;
mod ground;
mod load;
mod options;
mod pgbench;
mod process;
mod quiet;
mod report;
mod script;
mod statements;
mod through;

pub use capture::Wiretap;
pub use cast::Cast;
pub use load::Submission;
pub use options::Options;
pub use pgbench::{Amount, Pgbench};
pub use process::peak_memory_mib;
pub use report::Report;
pub use script::Script;

use std::time::Duration;

use anyhow::Context;
use ground::{Ground, POOL};
use report::median;

use crate::stack::Stack;

/// Loans of the idle lab.
const QUIET_LOANS: usize = 30;
/// What the inventory has units for.
const MOST_THROUGH: usize = 3600;

/// Measures everything; progress goes to standard error.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    progress("starting PostgreSQL, RabbitMQ, simulator, mailbox, api and worker");
    let ground = Ground::prepare(options).await?;
    let stack = ground.stack(1).await?;
    ground.catalogue_filled().await?;
    let cast = Cast::assemble(&stack).await?;
    ground.idle().await?;
    let work = measure_work(&ground, &cast, &stack, options).await?;
    stack.stop_gracefully().await?;
    let acceptance = measure_acceptance(&ground, &cast, options).await?;
    Ok(Report {
        accepted_per_s: acceptance.accepted_per_s,
        database_per_s: acceptance.database_per_s,
        accepted_ratio: acceptance.accepted_per_s / acceptance.database_per_s,
        submit_p50_ms: acceptance.p50_ms,
        submit_p99_ms: acceptance.p99_ms,
        end_to_end_per_s: work.end_to_end_per_s,
        first_call_p50_ms: work.quiet.first_call_p50_ms,
        calls_per_checkout: work.quiet.calls_per_checkout,
        calls_per_checkin: work.quiet.calls_per_checkin,
        rss_api_mib: work.rss_api_mib.max(acceptance.rss_api_mib),
        rss_worker_mib: work.rss_worker_mib,
    })
}

struct Work {
    quiet: quiet::Quiet,
    end_to_end_per_s: f64,
    rss_api_mib: f64,
    rss_worker_mib: f64,
}

async fn measure_work(ground: &Ground, cast: &Cast, stack: &Stack, options: &Options) -> anyhow::Result<Work> {
    progress("one requisition at a time, and its return");
    let quiet = quiet::measure(ground, cast, QUIET_LOANS).await?;
    progress(&format!("  first call after {:.1} ms", quiet.first_call_p50_ms));
    progress("as many as can be, from submit to checked out");
    let end_to_end_per_s = through::measure(ground, cast, options.time(), MOST_THROUGH).await?;
    progress(&format!("  {end_to_end_per_s:.0} a second"));
    ground.idle().await.context("the letters of the last measurement")?;
    let peak = |of: &[crate::stack::Running]| process::peak_memory_mib(of[0].server.pid());
    Ok(Work { quiet, end_to_end_per_s, rss_api_mib: peak(&stack.apis)?, rss_worker_mib: peak(&stack.workers)? })
}

struct Acceptance {
    accepted_per_s: f64,
    database_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    rss_api_mib: f64,
}

async fn measure_acceptance(ground: &Ground, cast: &Cast, options: &Options) -> anyhow::Result<Acceptance> {
    progress("listening in on what a submit sends to the database");
    let script = listen(ground, cast).await?;
    let pgbench = Pgbench::new(&ground.services.postgres, &ground.folder, &ground.twin().await?, script)?;
    let stack = ground.stack(0).await?;
    let submission = Submission::new(stack.api_url(), &cast.student, &cast.guarded())?;
    let api = stack.apis[0].server.pid();
    let connections = usize::from(options.connections);
    let (mut accepted, mut database) = (Vec::new(), Vec::new());
    for run in 1..=usize::from(options.runs) {
        let (api_before, own_before) = (process::processor_time(api)?, process::processor_time(std::process::id())?);
        let measured = load::submit_for(&submission, connections, options.time()).await?;
        let busy =
            |after: Duration, before: Duration| (after - before).as_secs_f64() / (options.time().as_secs_f64() * 1.2);
        progress(&format!(
            "  run {run}: accepted {:.0} a second, {:.1} ms, 99 % within {:.1} ms (of a core: api {:.2}, clients {:.2})",
            measured.per_s,
            measured.p50_ms,
            measured.p99_ms,
            busy(process::processor_time(api)?, api_before),
            busy(process::processor_time(std::process::id())?, own_before),
        ));
        accepted.push(measured);
        // What is left for the relay to do would slow down the other side.
        ground.all_rung().await?;
        database.push(pgbench.run(run, POOL, Amount::For(options.time())).await?);
        progress(&format!("  run {run}: database {:.0} a second", database[run - 1]));
    }
    let rss_api_mib = process::peak_memory_mib(api)?;
    stack.stop_gracefully().await?;
    let of = |pick: fn(&load::Measured) -> f64| median(accepted.iter().map(pick));
    Ok(Acceptance {
        accepted_per_s: of(|run| run.per_s),
        database_per_s: median(database),
        p50_ms: of(|run| run.p50_ms),
        p99_ms: of(|run| run.p99_ms),
        rss_api_mib,
    })
}

async fn listen(ground: &Ground, cast: &Cast) -> anyhow::Result<Script> {
    let (postgres, folder) = (&ground.services.postgres, &ground.folder);
    let wiretap = Wiretap::start(postgres, folder, ground.database.name(), &ground.surroundings).await?;
    let submission = Submission::new(wiretap.stack.api_url(), &cast.student, &cast.guarded())?;
    let script = wiretap.script(&submission).await?;
    wiretap.stack.stop_gracefully().await?;
    ground.log_no_more().await?;
    Ok(script)
}

fn progress(what: &str) {
    eprintln!("{what}");
}
