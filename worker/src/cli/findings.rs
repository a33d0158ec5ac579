//! `findings list | show | settle`.

use super::{staff, table};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use makerlab_shared::{
    domain::{
        finding::{FindingState, Resolution},
        id::FindingId,
        inventory::SnipeitUserId,
    },
    store::{
        finding_answer::{self, FindingAnswer},
        findings::{self, AttemptSeen, Finding, FindingFilter},
        page::Page,
    },
};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};

#[derive(Debug, Clone, Subcommand)]
pub enum FindingsCommand {
    /// Open findings, the newest first.
    List {
        /// Also those that are settled.
        #[arg(long)]
        all: bool,
        /// At most so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
    /// One finding with its evidence.
    Show {
        id: FindingId,
        #[arg(long)]
        json: bool,
    },
    /// Answers a finding.
    Settle(Settle),
}

#[derive(Debug, Clone, Args)]
pub struct Settle {
    id: FindingId,
    /// What is the case: happened, did_not_happen, abandoned, retried or acknowledged; `show` says which are possible.
    #[arg(long = "as", value_name = "ANSWER")]
    resolution: Resolution,
    /// The e-mail address of the technician or admin who answers.
    #[arg(long, value_name = "EMAIL")]
    by: String,
    /// How it was found out.
    #[arg(long)]
    note: Option<String>,
    /// For a borrower who was not matched: the number of the user in Snipe-IT.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    snipeit_user: Option<i64>,
}

pub(super) async fn perform(command: FindingsCommand, pool: &PgPool) -> anyhow::Result<String> {
    match command {
        FindingsCommand::List { all, limit, json } => {
            let filter = FindingFilter { state: (!all).then_some(FindingState::Open), kind: None };
            let page = Page { after: None, limit };
            let found = findings::list(&mut *pool.acquire().await?, filter, page).await?;
            if json { pretty(&found.iter().map(as_json).collect()) } else { Ok(list(&found)) }
        }
        FindingsCommand::Show { id, json } => {
            let mut conn = pool.acquire().await?;
            let finding = load(&mut conn, id).await?;
            let attempts = findings::list_attempts(&mut conn, finding.subject_id).await?;
            if json { pretty(&detail_as_json(&finding, &attempts)) } else { Ok(show(&finding, &attempts)) }
        }
        FindingsCommand::Settle(settle) => answer(pool, settle).await,
    }
}

async fn load(conn: &mut PgConnection, id: FindingId) -> anyhow::Result<Finding> {
    let finding = findings::find(conn, id).await?;
    finding.with_context(|| format!("there is no finding {id}; see `findings list`"))
}

async fn answer(pool: &PgPool, settle: Settle) -> anyhow::Result<String> {
    let mut transaction = pool.begin().await?;
    let answer = FindingAnswer {
        resolution: settle.resolution,
        note: staff::note(settle.note)?,
        by: staff::find(&mut transaction, &settle.by).await?,
        snipeit_user: settle.snipeit_user.map(SnipeitUserId),
    };
    let finding = load(&mut transaction, settle.id).await?;
    finding_answer::settle(&mut transaction, &finding, &answer).await?;
    transaction.commit().await?;
    Ok(format!("Finding {} is settled as {}.", finding.id, answer.resolution))
}

fn list(found: &[Finding]) -> String {
    let rows: Vec<[String; 5]> = found
        .iter()
        .map(|finding| {
            [
                finding.id.to_string(),
                finding.kind.to_string(),
                finding.resolution.map_or("open", Resolution::as_str).to_owned(),
                table::time(finding.created_at),
                finding.summary.clone(),
            ]
        })
        .collect();
    table::render(["ID", "KIND", "STATE", "SINCE", "WHAT"], &rows)
}

fn show(finding: &Finding, attempts: &[AttemptSeen]) -> String {
    let facts = table::facts(&[
        ("id", Some(finding.id.to_string())),
        ("kind", Some(finding.kind.to_string())),
        ("subject", Some(finding.subject_id.to_string())),
        ("requisition", finding.requisition_id.map(|id| id.to_string())),
        ("summary", Some(finding.summary.clone())),
        ("since", Some(table::time(finding.created_at))),
        ("answers", (finding.state == FindingState::Open).then(|| possible(finding))),
        ("settled as", finding.resolution.map(|resolution| resolution.to_string())),
        ("settled", finding.settled_at.map(table::time)),
        ("note", finding.note.clone()),
        ("evidence", Some(finding.evidence.to_string())),
    ]);
    if attempts.is_empty() {
        return facts;
    }
    let rows: Vec<[String; 4]> = attempts
        .iter()
        .map(|seen| [table::time(seen.at), seen.attempt.to_string(), seen.event.clone(), seen.detail.to_string()])
        .collect();
    format!("{facts}\n\n{}", table::render(["AT", "ATTEMPT", "EVENT", "DETAIL"], &rows))
}

fn possible(finding: &Finding) -> String {
    finding.kind.resolutions().iter().map(|resolution| resolution.as_str()).collect::<Vec<_>>().join(", ")
}

fn as_json(finding: &Finding) -> Value {
    json!({
        "id": finding.id, "kind": finding.kind, "subject_id": finding.subject_id,
        "requisition_id": finding.requisition_id, "summary": finding.summary, "state": finding.state,
        "possible_resolutions": finding.kind.resolutions(), "resolution": finding.resolution, "note": finding.note,
        "settled_by": finding.settled_by, "settled_at": finding.settled_at, "created_at": finding.created_at,
    })
}

fn detail_as_json(finding: &Finding, attempts: &[AttemptSeen]) -> Value {
    let attempts: Vec<Value> = attempts
        .iter()
        .map(|seen| json!({ "at": seen.at, "attempt": seen.attempt, "event": seen.event, "detail": seen.detail }))
        .collect();
    let mut detail = as_json(finding);
    detail["evidence"] = finding.evidence.clone();
    detail["attempts"] = json!(attempts);
    detail
}

fn pretty(value: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)?)
}
