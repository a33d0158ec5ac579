//! `POST /v1/requisitions/dry-run`: what would this requisition need? Nothing is recorded, and no unit is looked for.

use super::submit::{Asker, NewRequisition, check, prepare};
use crate::{
    http::{
        caller::Caller,
        exchange::{Begun, Post},
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::{
        approval::{Need, Stage, Verdict},
        id::ProjectId,
        person::Language,
        quota::Exceeded,
        reason::{Ground, Reason},
        requisition::{PromisedLine, Submission},
    },
    store::projects,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the rules say of a requisition.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRun {
    /// The strictest of its lines'.
    #[schema(schema_with = words::approval_need)]
    approval: Need,
    /// Who would decide first; null: nobody has to.
    #[schema(schema_with = words::approval_stage_or_null)]
    waiting_for: Option<Stage>,
    approval_reason: String,
    lines: Vec<DryRunLine>,
    /// The quotas that it would go over, in words.
    exceeded: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRunLine {
    model_id: Uuid,
    equipment_id: Option<Uuid>,
    quantity: i32,
    #[schema(schema_with = words::approval_need)]
    approval: Need,
    /// The rule that says so; null: no rule fits.
    approval_rule_id: Option<Uuid>,
    approval_reason: String,
}

/// What would this requisition need? Nothing is recorded
#[utoipa::path(
    post,
    path = "/v1/requisitions/dry-run",
    operation_id = "dry_run_requisition",
    tag = "requisitions",
    request_body = NewRequisition,
    responses(
        (status = 200, body = DryRun),
        (status = 403, body = crate::problem::ProblemBody, description = "not-a-member, member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "project-not-active"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn dry_run(
    State(app): State<AppState>,
    caller: Caller,
    Post { body, exchange }: Post<NewRequisition>,
) -> Result<Json<DryRun>, Problem> {
    let mut effect = match exchange.without_key().begin().await? {
        Begun::New(effect) => effect,
        Begun::Answered(_) => return Err(Problem::internal("what has no key was answered before")),
    };
    let standing = projects::find_standing(effect.conn(), ProjectId(body.project_id), caller.user_id).await?;
    let checked = check(body, standing.now, app.lab_timezone)?;
    let asker = Asker { user_id: caller.user_id, role: caller.role };
    let submission = prepare(effect.conn(), asker, &checked, standing, None).await?;
    // The transaction is dropped: whatever was locked is free again, and nothing has happened.
    Ok(Json(submission.into()))
}

impl From<Submission> for DryRun {
    fn from(submission: Submission) -> Self {
        let assessed = submission.assess();
        Self {
            approval: assessed.need,
            waiting_for: assessed.stage,
            approval_reason: assessed.reason.in_words(Language::En),
            lines: submission.lines.iter().zip(assessed.verdicts).map(line).collect(),
            exceeded: submission.exceeded().into_iter().map(in_words).collect(),
        }
    }
}

fn in_words(over: Exceeded) -> String {
    Reason::from(Ground::OverQuota(over)).in_words(Language::En)
}

fn line((promised, verdict): (&PromisedLine, Verdict)) -> DryRunLine {
    DryRunLine {
        model_id: promised.line.model_id.0,
        equipment_id: promised.line.equipment_id.map(|id| id.0),
        quantity: promised.line.quantity,
        approval: verdict.need,
        approval_rule_id: verdict.rule_id.map(|id| id.0),
        approval_reason: verdict.reason.in_words(Language::En),
    }
}
