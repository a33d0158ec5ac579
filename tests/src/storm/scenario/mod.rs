//! One fault at a time, by the names that public benchmarks of job queues use, and some of our own: what is lost, and how
//! long it takes until work goes on. Borrowers borrow all the while.

mod broker;
mod database;
mod edges;
mod through;
mod workers;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    Options, Report, WORKERS,
    ground::GroundOptions,
    rage::Chronicle,
    stage::Stage,
    times::{LEASE, SERVER_LIMIT, SLACK},
};
use crate::{simulator::ThrottleRule, stack::until};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Scenario {
    /// A worker is killed in the middle of a call, behind the effect.
    WorkerKillRestart,
    /// Immediate shutdown of the database, and its restart.
    PostgresRestart,
    /// Workers are killed ten times, one after the other.
    RepeatedKills,
    /// Every connection to the database is cut, ten times.
    PgTerminateBackend,
    /// Two connections for each process, and everybody waits for a lock.
    PoolExhaustion,
    /// The broker's node is killed.
    RabbitKill,
    /// The broker loses its disk.
    RabbitWipe,
    /// The broker takes no messages.
    RabbitMemoryAlarm,
    /// Every call to Snipe-IT takes long.
    SnipeitSlow,
    /// Snipe-IT says 429 to everything.
    #[value(name = "snipeit_429_storm")]
    Snipeit429Storm,
    /// The mail server accepts and hangs.
    SmtpHang,
    /// Each of them, one after the other.
    All,
}

const GAP: Duration = Duration::from_millis(300);
const LONGEST: Duration = Duration::from_secs(90);
const PATIENCE: Duration = Duration::from_secs(60);
/// Letters that one worker sends at once.
const MAIL_HANDS: usize = 2;
/// Some work before something breaks.
const BEFORE: usize = 12;

/// From when until when a recovery was measured, and what it must stay below.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Recovery {
    took: Duration,
    bound: Option<Duration>,
}

impl Recovery {
    fn of(took: Duration) -> Self {
        Self { took, bound: None }
    }

    fn below(self, bound: Duration) -> Self {
        Self { bound: Some(bound), ..self }
    }

    fn is_in_time(&self) -> bool {
        self.bound.is_none_or(|bound| self.took < bound)
    }
}

/// Whether all went well; the outcome of each is printed as soon as it is known.
pub async fn run(scenario: Scenario, options: &Options) -> Result<bool> {
    let all: Vec<_> = Scenario::value_variants().iter().copied().filter(|one| *one != Scenario::All).collect();
    let wanted = if scenario == Scenario::All { all } else { vec![scenario] };
    let mut is_good = true;
    for scenario in wanted {
        let (recovery, mut report) = play(scenario, options).await.with_context(|| scenario.name())?;
        report.mails_in_lost_hands = scenario.lost_hands() * MAIL_HANDS;
        is_good &= report.is_good() && recovery.is_in_time();
        print(scenario, recovery, &report, options.json);
    }
    Ok(is_good)
}

async fn play(scenario: Scenario, options: &Options) -> Result<(Recovery, Report)> {
    eprintln!("{}:", scenario.name());
    let mut stage = Stage::set(&scenario.ground(GroundOptions::new(options.seed, options.policy()))).await?;
    let stop = CancellationToken::new();
    let submitting = stage.submit(usize::MAX, GAP, LONGEST, &stop);
    let ledger = stage.ground.simulator.state().clone();
    let goes_on = async || (ledger.ledger().count_lendings_by_programs() >= BEFORE).then_some(());
    until("work has begun", PATIENCE, goes_on).await?;
    let recovery = scenario.strike(&mut stage).await?;
    stop.cancel();
    submitting.await?;
    Ok((recovery, stage.clear(Chronicle::default()).await?))
}

impl Scenario {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn ground(self, options: GroundOptions) -> GroundOptions {
        match self {
            // Whose call it is must be known.
            Self::WorkerKillRestart => GroundOptions { workers: 1, ..options },
            Self::RabbitKill | Self::RabbitWipe => options.with("SECOND_BELL_AFTER", "15s"),
            Self::PoolExhaustion => options.with("DATABASE_MAX_CONNECTIONS", "2"),
            Self::Snipeit429Storm => {
                let throttle = Some(ThrottleRule { limit: 60, window: Duration::from_secs(2) });
                let options = options.with("SNIPEIT_THROTTLED", "true").with("SNIPEIT_BUDGET_WINDOW", "2200ms");
                GroundOptions { throttle, ..options }
            }
            _ => options,
        }
    }

    /// Workers that are killed, or kept from the database for longer than a lease, with letters in hand.
    fn lost_hands(self) -> usize {
        match self {
            Self::WorkerKillRestart => 1,
            Self::RepeatedKills => workers::KILLS,
            Self::PostgresRestart | Self::PoolExhaustion => WORKERS,
            _ => 0,
        }
    }

    async fn strike(self, stage: &mut Stage) -> Result<Recovery> {
        let cleared_up = LEASE + SERVER_LIMIT + SLACK + Duration::from_secs(15);
        Ok(match self {
            Self::WorkerKillRestart => workers::kill_mid_call(stage).await?.below(cleared_up),
            Self::RepeatedKills => workers::kill_repeatedly(stage).await?,
            Self::PostgresRestart => database::restart(stage).await?.below(Duration::from_secs(5)),
            Self::PgTerminateBackend => database::cut_connections(stage).await?,
            Self::PoolExhaustion => database::exhaust_pools(stage).await?,
            Self::RabbitKill => broker::kill(stage).await?.below(Duration::from_secs(20)),
            Self::RabbitWipe => broker::wipe(stage).await?.below(Duration::from_secs(20)),
            Self::RabbitMemoryAlarm => broker::alarm(stage).await?,
            Self::SnipeitSlow => edges::slow_snipeit(stage).await?,
            Self::Snipeit429Storm => edges::storm_of_429(stage).await?,
            Self::SmtpHang => edges::hung_mail(stage).await?,
            Self::All => unreachable!("each is played by itself"),
        })
    }
}

fn print(scenario: Scenario, recovery: Recovery, report: &Report, as_json: bool) {
    let (name, seconds) = (scenario.name(), recovery.took.as_secs_f64());
    let bound = recovery.bound.map(|bound| bound.as_secs_f64());
    let jobs_lost = report.lost + report.stuck;
    if as_json {
        let line = json!({
            "scenario": name, "jobs_lost": jobs_lost, "chaos_recovery_time_s": seconds, "bound_s": bound,
            "operations": report.operations, "doubled": report.doubled, "misreported": report.misreported,
            "foreign_checkins": report.foreign_checkins, "mails_missing": report.mails_missing,
            "mails_doubled": report.mails_doubled, "with_person": report.with_person,
        });
        return println!("{line}");
    }
    let bound = bound.map(|bound| format!(" (must be below {bound:.1})")).unwrap_or_default();
    let verdict = if report.is_good() && recovery.is_in_time() { "good" } else { "BAD" };
    println!("{verdict}  {name}: jobs_lost {jobs_lost}, chaos_recovery_time_s {seconds:.1}{bound}; {report}");
}
