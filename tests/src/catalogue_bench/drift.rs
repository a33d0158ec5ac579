//! A person gives a lent unit to somebody else in Snipe-IT: how long until a finding tells of it.

use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{TimeDelta, Utc};
use makerlab_shared::domain::{equipment::Approval, person::Language, user::Role};
use serde::Serialize;

use super::median;
use crate::{
    simulator::Handover,
    stack::{LabStack, NewPerson, Wanted, until},
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
}

pub(super) async fn measure(lab: &LabStack, runs: u8) -> anyhow::Result<Found> {
    let borrower = lab.add_person(&lab.admin, BORROWER).await?;
    let project = borrower.create_project("Weather station").await?;
    lab.admin.activate_project(project).await?;
    let model = lab.admin.models().await?.first().context("the catalogue is empty")?.id;
    lab.admin.set_approval(model, Approval::None).await?;
    let mut took = Vec::new();
    for _ in 0..runs {
        let wanted = [Wanted::Any { model, quantity: 1 }];
        let due = Utc::now() + TimeDelta::days(7);
        let lent = borrower.submit_until(project, "Measuring", &wanted, due).await?;
        // Only what Snipe-IT was seen to show is compared.
        until("the check-out is confirmed", PATIENCE, async || {
            let seen = lab.admin.api.get(&format!("/v1/requisitions/{}", lent.id)).await.ok()?;
            seen["operations"][0]["confirmed_at"].is_string().then_some(())
        })
        .await?;
        let open = lab.admin.count_open_findings().await?;
        let asset = lent.loans.first().context("a unit was promised")?.snipeit_asset_id;
        let began = Instant::now();
        let hands = lab.simulator.state().hands();
        hands.check_in(asset).context("by hand")?;
        hands.check_out(asset, SOMEBODY_ELSE, Handover::Now).context("by hand")?;
        until("a finding tells of it", PATIENCE, async || {
            (lab.admin.count_open_findings().await.ok()? > open).then_some(())
        })
        .await?;
        took.push(began.elapsed().as_secs_f64());
    }
    let longest_seconds = took.iter().copied().fold(0.0, f64::max).round();
    Ok(Found { seconds: median(took), longest_seconds })
}
