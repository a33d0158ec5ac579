//! `cargo run --release -p makerlab-tests --bin picture`: whether our picture of Snipe-IT is Snipe-IT's own.
//!
//! A person moves, renames, archives, deletes, purges and hands around thousands of assets, and edits models and labels,
//! while a worker syncs and sweeps by small pages, gets spoilt answers, and dies between any two steps. Loans of ours are
//! in the middle of it. Then the dust settles, and a comparison that shares nothing with the worker's code looks at each
//! row, each finding, each loan's history and each unit that is offered.

mod dice;
mod dust;
mod expected;
mod free;
mod history;
mod loans;
mod naive;
mod options;
mod person;
mod report;
mod weather;

use std::{collections::BTreeSet, time::Instant};

use chrono::Duration;
use makerlab_shared::{
    domain::{id::JobId, job::JobKind},
    store::link,
};
use makerlab_worker::context::Context;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::{
    floor::Floor,
    simulator::{Seed, SimulatorOptions},
};
use dice::Dice;
use history::History;
use person::Person;
use weather::Weather;

pub use options::Options;
pub use report::Report;

/// Nothing pauses for long: what is spoilt is spoilt once.
const SETTINGS: [(&str, &str); 2] = [("SNIPEIT_THROTTLED", "false"), ("SNIPEIT_OUTAGE_THRESHOLD", "1000")];
/// Assets of one model, about.
const UNITS_OF_A_MODEL: u32 = 40;
/// Deaths one after the other, before a worker gets through: a job that kills its worker each time is set aside.
const MOST_DEATHS: usize = 4;

struct Campaign {
    floor: Floor,
    /// With connections of its own, which die with it.
    worker: Context,
    weather: Weather,
    dice: Dice,
    history: History,
    wrong: Vec<String>,
    deaths_in_a_row: usize,
    has_jumps: bool,
    /// Full syncs that sweeps called for while the dust settled.
    called_syncs: usize,
}

/// One campaign with one seed.
///
/// # Errors
/// When something does not come to its end.
pub async fn run(options: &Options, seed: u64) -> anyhow::Result<Report> {
    let began = Instant::now();
    let mut campaign = Campaign::begin(options, seed).await?;
    for round in 0..options.rounds {
        campaign.play(round < options.rounds / 2).await?;
    }
    let mut report = campaign.judge().await?;
    (report.seed, report.seconds) = (seed, (began.elapsed().as_secs_f64() * 10.0).round() / 10.0);
    Ok(report)
}

async fn start_worker(floor: &Floor) -> anyhow::Result<Context> {
    let pool = PgPoolOptions::new().max_connections(4).connect(&floor.database.app_url()).await?;
    Ok(Context { pool, ..floor.another_worker(&SETTINGS) })
}

impl Campaign {
    async fn begin(options: &Options, seed: u64) -> anyhow::Result<Self> {
        let models = (options.assets / UNITS_OF_A_MODEL).max(2) as usize;
        let simulator = SimulatorOptions {
            throttle: None,
            seed: Seed::sized(options.assets as usize, models),
            ..SimulatorOptions::default()
        };
        let floor = Floor::beside(simulator, &SETTINGS).await;
        let state = floor.simulator.state().clone();
        state.product().set_max_results(options.page as usize);
        let person = Person::new(state.clone(), Dice::new(seed, 1), floor.people.student.snipeit_id.0);
        let mut weather = Weather::new(state, Dice::new(seed, 2), person);
        weather.calm();
        let worker = start_worker(&floor).await?;
        let (dice, history) = (Dice::new(seed, 3), History::default());
        let mut campaign = Self {
            floor,
            worker,
            weather,
            dice,
            history,
            wrong: Vec::new(),
            deaths_in_a_row: 0,
            has_jumps: options.jumps,
            called_syncs: 0,
        };
        campaign.sync().await?;
        Ok(campaign)
    }

    /// A while of a lab's day. In the end sweeps are on their own.
    async fn play(&mut self, may_sync: bool) -> anyhow::Result<()> {
        let is_wrong = self.has_jumps && self.dice.percent(15);
        let ahead = if is_wrong { self.dice.between(20, 300) } else { 0 };
        self.floor.simulator.state().clock().set_offset(Duration::seconds(ahead));
        let passes = Duration::seconds(self.dice.between(0, 20));
        self.let_time_pass(passes).await?;
        for _ in 0..self.dice.below(15) {
            self.weather.person.act();
        }
        if self.dice.percent(35) {
            loans::begin(&self.floor, &mut self.dice).await?;
        }
        if self.dice.percent(12) {
            loans::bring_back(&self.floor, &mut self.dice).await?;
        }
        self.weather.person.lent = loans::list_units(&self.floor).await?;
        self.weather.person.landmarks = link::load(&mut *self.floor.pool.acquire().await?).await?.landmarks;
        self.weather.lose_a_check_out();
        self.run_ours().await?;
        let kinds: &[JobKind] = match self.dice.below(10) {
            7 | 8 if may_sync => &[JobKind::SyncCatalogue],
            9 if may_sync => &[JobKind::Sweep, JobKind::SyncCatalogue],
            _ => &[JobKind::Sweep],
        };
        let mut due = Vec::new();
        for kind in kinds {
            due.push(self.round(*kind).await?);
        }
        self.weather.turn(self.deaths_in_a_row < MOST_DEATHS);
        match self.weather.work(&self.worker, &due).await {
            true => self.deaths_in_a_row = 0,
            false => {
                self.deaths_in_a_row += 1;
                let dead = std::mem::replace(&mut self.worker, start_worker(&self.floor).await?);
                dead.pool.close().await;
            }
        }
        self.weather.calm();
        let lost = self.history.read(&self.floor.pool).await?;
        self.wrong.extend(lost);
        Ok(())
    }

    /// The job of a kind that comes round, due now.
    async fn round(&self, kind: JobKind) -> anyhow::Result<JobId> {
        let open =
            "update jobs set due_at = now() - interval '1 millisecond' where kind = $1 and state = 'open' returning id";
        let open: Option<Uuid> = sqlx::query_scalar(open).bind(kind.as_str()).fetch_optional(&self.floor.pool).await?;
        Ok(match open {
            Some(id) => JobId(id),
            None => self.floor.given_job(kind).await,
        })
    }

    async fn judge(mut self) -> anyhow::Result<Report> {
        self.weather.calm();
        self.floor.simulator.state().clock().set_offset(Duration::zero());
        self.finish_ours().await?;
        self.settle().await?;
        let called_syncs = self.called_syncs;
        let (left_to_the_full_sync, missed_by_sweeps) = self.compare_after_sweeps().await?;
        self.sync().await?;
        self.settle().await?;
        let (pool, simulator) = (&self.floor.pool, &self.floor.simulator);
        let differences = naive::compare(pool, simulator).await?;
        self.wrong.extend(differences.into_iter().map(|difference| difference.what));
        let lost = self.history.read(pool).await?;
        let (ends_wrong, loans) = history::compare(pool).await?;
        let (wrong_findings, findings) = expected::compare(pool, simulator, &BTreeSet::new()).await?;
        let (wrongly_offered, offered) = free::compare(pool, simulator).await?;
        self.wrong.extend([lost, ends_wrong, wrong_findings, wrongly_offered].concat());
        let assets = simulator.state().inventory().assets().count();
        let Weather { person, deaths, spoilt, .. } = self.weather;
        let (acts, in_bulk, wrong) = (person.acts, person.in_bulk, self.wrong);
        Ok(Report {
            assets,
            acts,
            in_bulk,
            deaths,
            spoilt,
            loans,
            findings,
            offered,
            called_syncs,
            left_to_the_full_sync,
            missed_by_sweeps,
            wrong,
            ..Report::default()
        })
    }

    /// How much only a full sync can tell, and what the sweeps should have told and have not.
    async fn compare_after_sweeps(&self) -> anyhow::Result<(usize, Vec<String>)> {
        let (pool, simulator) = (&self.floor.pool, &self.floor.simulator);
        let (beyond, missed): (Vec<_>, Vec<_>) =
            naive::compare(pool, simulator).await?.into_iter().partition(|difference| difference.is_beyond_sweeps);
        let unread = beyond.iter().filter_map(|difference| difference.asset).collect();
        let (wrong_findings, _) = expected::compare(pool, simulator, &unread).await?;
        let missed = missed.into_iter().map(|difference| difference.what);
        Ok((beyond.len(), missed.chain(wrong_findings).collect()))
    }
}
