//! `findings list | show | settle`.

use super::{screen, staff, table};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use makerlab_shared::{
    domain::{
        finding::{FindingState, Resolution},
        id::{FindingId, OperationId},
        inventory::SnipeitUserId,
    },
    store::{
        cases::{self, Case},
        finding_answer::{self, FindingAnswer},
        findings::{self, Finding, FindingFilter},
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
    /// What is the case, like happened, retried or adopted; `show` says which answers are possible.
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
            let case = cases::find(&mut conn, OperationId(finding.subject_id)).await?;
            if json {
                pretty(&detail_as_json(&finding, case.as_ref()))
            } else {
                Ok(screen::show(&finding, case.as_ref()))
            }
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

fn as_json(finding: &Finding) -> Value {
    json!({
        "id": finding.id, "kind": finding.kind, "subject_id": finding.subject_id,
        "requisition_id": finding.requisition_id, "summary": finding.summary, "state": finding.state,
        "possible_resolutions": finding.kind.resolutions(), "resolution": finding.resolution, "note": finding.note,
        "settled_by": finding.settled_by, "settled_at": finding.settled_at, "created_at": finding.created_at,
    })
}

fn detail_as_json(finding: &Finding, case: Option<&Case>) -> Value {
    let mut detail = as_json(finding);
    detail["evidence"] = finding.evidence.clone();
    detail["answers"] = screen::answers(finding, case)
        .into_iter()
        .map(|[answer, consequence]| json!({ "resolution": answer, "consequence": consequence }))
        .collect();
    detail["case"] = case.map_or(Value::Null, case_as_json);
    detail
}

fn case_as_json(case: &Case) -> Value {
    let (loan, asset) = (&case.loan, &case.asset);
    let holder = asset.holder.map(|holder| {
        let (user_id, user_name) = asset.holder_user.as_ref().map(|(id, name)| (id, name.expose())).unzip();
        json!({ "kind": holder.kind, "snipeit_id": holder.id, "user_id": user_id, "user_name": user_name })
    });
    let steps = case.steps.iter().map(|step| {
        json!({
            "at": step.at, "attempt": step.attempt, "event": step.event, "did": step.told.did, "seen": step.told.seen,
            "detail": step.detail,
        })
    });
    json!({
        "operation_id": case.operation_id, "kind": case.kind, "state": case.state, "attempts": case.attempts,
        "marker": case.operation_id.marker(), "checkout_at": case.checkout_at, "refusal": case.refusal,
        "requisition_number": case.requisition_number,
        "loan": {
            "id": loan.id, "status": loan.status, "due_at": loan.due_at, "borrower_id": loan.borrower_id,
            "borrower_name": loan.borrower_name.expose(), "borrower_snipeit_id": loan.borrower_snipeit_id,
        },
        "asset": {
            "equipment_id": asset.equipment_id, "snipeit_asset_id": asset.snipeit_asset_id, "tag": asset.tag,
            "model_name": asset.model_name, "label": asset.label, "presence": asset.presence, "holder": holder,
            "last_checkout": asset.last_checkout, "last_checkin": asset.last_checkin, "seen_at": asset.seen_at,
            "age_seconds": case.age_of_sight().num_seconds(),
        },
        "other_loan_out": case.other_loan_out.as_ref().map(|out| json!({
            "loan_id": out.loan, "requisition_id": out.requisition, "requisition_number": out.requisition_number,
        })),
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn pretty(value: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)?)
}
