//! A person gives a lent unit to somebody else in Snipe-IT: how long until a finding tells of it.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::{TimeDelta, Utc};
use makerlab_shared::domain::{
    equipment::Approval,
    id::{ModelId, ProjectId},
    person::Language,
    user::Role,
};
use serde::Serialize;
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::{Options, at_the_pace_of_production, median};
use crate::{
    lab::shared,
    simulator::{Handover, Seed, SimulatorOptions, ThrottleRule},
    stack::{LabStack, NewPerson, Person, Wanted, until},
};

const PATIENCE: Duration = Duration::from_secs(180);
const BORROWER: NewPerson<'static> =
    NewPerson { name: "Ana Silva", email: "ana.silva@lab.example", role: Role::Student, language: Language::En };
/// A user of the simulator whom no loan is for.
const SOMEBODY_ELSE: i64 = 4;

#[derive(Debug, Serialize)]
pub struct Found {
    /// From the change to the open finding, sweeping once a minute.
    pub seconds: f64,
    pub longest_seconds: f64,
    /// The same within 120 calls a minute, once, while a whole sync uses up its share of them.
    pub beside_sync_seconds: f64,
}

pub(super) async fn measure(lab: &LabStack, options: &Options) -> anyhow::Result<Found> {
    let desk = Desk::open(lab).await?;
    let mut took = Vec::new();
    for _ in 0..options.runs {
        let asset = desk.lend().await?;
        took.push(desk.until_found(asset).await?);
    }
    let longest_seconds = took.iter().copied().fold(0.0, f64::max).round();
    let beside_sync_seconds = beside_sync(options).await.context("beside a whole sync")?;
    Ok(Found { seconds: median(took), longest_seconds, beside_sync_seconds })
}

async fn beside_sync(options: &Options) -> anyhow::Result<f64> {
    let seed = Seed::sized(options.assets as usize, options.models as usize);
    let throttle = Some(ThrottleRule { limit: 120, window: Duration::from_secs(60) });
    let simulator = SimulatorOptions { throttle, seed, threads: 2, ..SimulatorOptions::default() };
    let pace = |options| at_the_pace_of_production(options).with("SNIPEIT_THROTTLED", "true");
    let lab = LabStack::start_with(shared().await, simulator, pace).await?;
    let is_idle = async || {
        let runs = lab.admin.api.get("/v1/sync-runs").await.ok()?;
        runs["items"].as_array()?.iter().all(|run| run["finished_at"].is_string()).then_some(())
    };
    until("the first sync has ended", PATIENCE * 2, is_idle).await?;
    let desk = Desk::open(&lab).await?;
    let asset = desk.lend().await?;
    lab.admin.api.post("/v1/sync-runs", &json!({})).await?;
    until("it has used up its share", PATIENCE, async || {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from jobs where kind = 'sync_catalogue' and state = 'open' and waiting_reason like '%budget%'",
        )
        .fetch_one(&mut PgConnection::connect(&lab.database.owner_url()).await.ok()?)
        .await
        .ok()?;
        (waiting > 0).then_some(())
    })
    .await?;
    let seconds = desk.until_found(asset).await?;
    ensure!(lab.simulator.state().ledger().count_answers(429) == 0, "Snipe-IT was asked too often");
    Ok(seconds)
}

/// Where a borrower asks for units of the first model and gets them.
struct Desk<'a> {
    lab: &'a LabStack,
    borrower: Person,
    project: ProjectId,
    model: ModelId,
}

impl<'a> Desk<'a> {
    async fn open(lab: &'a LabStack) -> anyhow::Result<Self> {
        let borrower = lab.add_person(&lab.admin, BORROWER).await?;
        let project = borrower.create_project("Weather station").await?;
        lab.admin.activate_project(project).await?;
        let model = lab.admin.models().await?.first().context("the catalogue is empty")?.id;
        lab.admin.set_approval(model, Approval::None).await?;
        Ok(Self { lab, borrower, project, model })
    }

    /// The asset of a unit that is out, and was seen to be. Only what Snipe-IT was seen to show is compared.
    async fn lend(&self) -> anyhow::Result<i64> {
        let wanted = [Wanted::Any { model: self.model, quantity: 1 }];
        let due = Utc::now() + TimeDelta::days(7);
        let lent = self.borrower.submit_until(self.project, "Measuring", &wanted, due).await?;
        until("the check-out is confirmed", PATIENCE, async || {
            let seen = self.lab.admin.api.get(&format!("/v1/requisitions/{}", lent.id)).await.ok()?;
            seen["operations"][0]["confirmed_at"].is_string().then_some(())
        })
        .await?;
        Ok(lent.loans.first().context("a unit was promised")?.snipeit_asset_id)
    }

    async fn until_found(&self, asset: i64) -> anyhow::Result<f64> {
        let open = self.lab.admin.count_open_findings().await?;
        let began = Instant::now();
        let hands = self.lab.simulator.state().hands();
        hands.check_in(asset).context("by hand")?;
        hands.check_out(asset, SOMEBODY_ELSE, Handover::Now).context("by hand")?;
        until("a finding tells of it", PATIENCE, async || {
            (self.lab.admin.count_open_findings().await.ok()? > open).then_some(())
        })
        .await?;
        Ok(began.elapsed().as_secs_f64())
    }
}
