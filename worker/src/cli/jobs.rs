//! `jobs list | show | retry`.

use super::table;
use anyhow::{Context as _, bail};
use chrono::Utc;
use clap::Subcommand;
use makerlab_shared::{
    domain::{
        id::JobId,
        job::{JobState, Lane},
    },
    store::{
        jobs,
        operator::{self, ListedJob},
    },
};
use sqlx::PgPool;

#[derive(Debug, Clone, Subcommand)]
pub enum JobsCommand {
    /// Open jobs, the earliest due first.
    List {
        /// Those that were set aside instead.
        #[arg(long)]
        dead: bool,
        /// One lane: counter, inventory, bulk, internal or mail.
        #[arg(long)]
        lane: Option<Lane>,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
    /// One job with everything that is known of it.
    Show {
        id: JobId,
        #[arg(long)]
        json: bool,
    },
    /// Gives a job that was set aside its runs back; makes one that waits due now.
    Retry { id: JobId },
}

pub(super) async fn perform(command: JobsCommand, pool: &PgPool) -> anyhow::Result<String> {
    match command {
        JobsCommand::List { dead, lane, limit, json } => {
            let state = if dead { JobState::Dead } else { JobState::Open };
            let jobs = operator::list_jobs(&mut *pool.acquire().await?, state, lane, limit).await?;
            if json { Ok(serde_json::to_string_pretty(&jobs)?) } else { Ok(list(&jobs)) }
        }
        JobsCommand::Show { id, json } => {
            let job = load(pool, id).await?;
            if json { Ok(serde_json::to_string_pretty(&job)?) } else { Ok(show(&job)) }
        }
        JobsCommand::Retry { id } => retry(pool, id).await,
    }
}

async fn load(pool: &PgPool, id: JobId) -> anyhow::Result<ListedJob> {
    let job = operator::find_job(&mut *pool.acquire().await?, id).await?;
    job.with_context(|| format!("there is no job {id}; see `jobs list`"))
}

async fn retry(pool: &PgPool, id: JobId) -> anyhow::Result<String> {
    let job = load(pool, id).await?;
    let mut conn = pool.acquire().await?;
    match job.state {
        JobState::Done => bail!("job {id} is done; there is nothing to retry"),
        JobState::Dead if jobs::revive(&mut conn, id).await? => {
            Ok(format!("Job {id} is due again with all its runs. Settle its finding with `retried`."))
        }
        JobState::Dead => bail!("job {id} was not revived: another {} job is open already", job.kind),
        JobState::Open if operator::hurry_job(&mut conn, id).await? => Ok(format!("Job {id} is due now.")),
        JobState::Open => Ok(format!("Job {id} is due or being run already.")),
    }
}

fn list(jobs: &[ListedJob]) -> String {
    let rows: Vec<[String; 7]> = jobs
        .iter()
        .map(|job| {
            [
                job.id.to_string(),
                job.kind.to_string(),
                job.lane.to_string(),
                job.runs.to_string(),
                table::time(job.due_at),
                doing(job).to_owned(),
                job.outcome.as_ref().or(job.waiting_reason.as_ref()).cloned().unwrap_or_default(),
            ]
        })
        .collect();
    table::render(["ID", "KIND", "LANE", "RUNS", "DUE", "IS", "WHY"], &rows)
}

fn doing(job: &ListedJob) -> &'static str {
    let now = Utc::now();
    match job.state {
        JobState::Done => "done",
        JobState::Dead => "dead",
        JobState::Open if job.lease_until.is_some_and(|lease| lease > now) => "running",
        JobState::Open if job.due_at <= now => "due",
        JobState::Open => "waiting",
    }
}

fn show(job: &ListedJob) -> String {
    table::facts(&[
        ("id", Some(job.id.to_string())),
        ("kind", Some(job.kind.to_string())),
        ("lane", Some(job.lane.to_string())),
        ("subject", Some(job.subject_id.to_string())),
        ("is", Some(doing(job).to_owned())),
        ("runs", Some(job.runs.to_string())),
        ("due", Some(table::time(job.due_at))),
        ("lease until", job.lease_until.map(table::time)),
        ("waits because", job.waiting_reason.clone()),
        ("outcome", job.outcome.clone()),
        ("created", Some(table::time(job.created_at))),
        ("finished", job.finished_at.map(table::time)),
    ])
}
