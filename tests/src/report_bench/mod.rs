//! `cargo run -p makerlab-tests --bin report_bench`: a project's report and the lab's over a year, with a million loans in
//! a database on which nothing is turned off. The database does the work: a release build changes little.

mod fill;
mod options;

pub use options::Options;

use crate::lab::{TestDatabase, own_postgres};
use anyhow::{Context, ensure};
use chrono::{TimeDelta, Utc};
use makerlab_shared::{
    domain::{id::ProjectId, report::ReportPeriod},
    store::reports,
};
use serde::Serialize;
use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};

/// What was measured, in milliseconds at the client.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// In the database.
    pub loans: i64,
    pub fill_seconds: f64,
    pub project: Timed,
    pub lab_year: Timed,
}

/// One report, read several times; the first time is part of it.
#[derive(Debug, Serialize)]
pub struct Timed {
    /// That were out in its period.
    pub loans: i64,
    pub first_ms: f64,
    pub median_ms: f64,
    pub longest_ms: f64,
    /// What is promised of the median.
    pub limit_ms: f64,
}

/// # Errors
/// When there is no database, or a report does not count what was filled in.
pub async fn run(options: &Options) -> anyhow::Result<Figures> {
    let postgres = own_postgres().await;
    let database = TestDatabase::migrated_on(&postgres).await?;
    let mut owner = PgConnection::connect(&database.owner_url()).await?;
    eprintln!("filling in {} loans", options.loans);
    let began = Instant::now();
    fill::fill(&mut owner, options.loans).await.context("could not fill the database")?;
    let fill_seconds = began.elapsed().as_secs_f64();
    eprintln!("  {fill_seconds:.0} s");
    let loans: i64 = sqlx::query_scalar("select count(*) from loans").fetch_one(&mut owner).await?;
    let project = busiest_project(&mut owner).await?;

    let mut application = PgConnection::connect(&database.app_url()).await?;
    let now = Utc::now();
    let all = ReportPeriod { from: now - TimeDelta::days(6 * 365), to: now };
    let year = ReportPeriod { from: now - TimeDelta::days(2 * 365), to: now - TimeDelta::days(365) };
    let of_project = measure(&mut application, options.runs, all, Some(project), 50.0).await?;
    let lab_year = measure(&mut application, options.runs, year, None, 1000.0).await?;
    let expected = i64::from(fill::PROJECTS) * of_project.loans;
    ensure!((loans - expected).abs() < loans / 2, "the report of a project counts {} loans", of_project.loans);
    Ok(Figures { loans, fill_seconds, project: of_project, lab_year })
}

async fn busiest_project(owner: &mut PgConnection) -> anyhow::Result<ProjectId> {
    let id = sqlx::query_scalar(
        "select r.project_id from requisitions r join loans l on l.requisition_id = r.id
         group by r.project_id order by count(*) desc limit 1",
    );
    Ok(ProjectId(id.fetch_one(owner).await?))
}

async fn measure(
    conn: &mut PgConnection,
    runs: u8,
    period: ReportPeriod,
    project: Option<ProjectId>,
    limit_ms: f64,
) -> anyhow::Result<Timed> {
    let mut times = Vec::new();
    let mut loans = 0;
    for _ in 0..runs {
        let began = Instant::now();
        let mut snapshot = conn.begin().await?;
        loans = reports::read(&mut snapshot, period, project).await?.total_use().loans;
        snapshot.rollback().await?;
        times.push(began.elapsed());
    }
    let first = times[0];
    times.sort();
    Ok(Timed {
        loans,
        first_ms: milliseconds(first),
        median_ms: milliseconds(times[times.len() / 2]),
        longest_ms: milliseconds(times[times.len() - 1]),
        limit_ms,
    })
}

/// To a tenth.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}
