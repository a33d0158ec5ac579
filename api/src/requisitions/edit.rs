//! `PATCH /v1/requisitions/{id}`: what is asked for becomes something else, until the first decision.

use super::{
    decide::{finish, load_locked},
    kept,
    period::field_of,
    submit::{Asker, Checked, CheckedLine, WantedLine, check_lines, prepare, promise_units},
    unmet::{Refused, remember},
    view::RequisitionView,
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        due::DueDate,
        exchange::{Begun, Post},
        input::Invalid,
        params::Id,
        precondition::{IfMatch, given},
    },
    problem::{Problem, ProblemType, Refusal},
    state::AppState,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use makerlab_shared::{
    domain::{
        change::Change,
        id::{RequisitionId, UserId},
        requisition::{Dossier, EditRefused, Line, PeriodRefused, Purpose, Submission},
        user::Role,
    },
    store::{projects, users},
};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequisitionEdit {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 2000)]
    purpose: Option<String>,
    /// Null: now.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    starts_at: Option<Option<DateTime<Utc>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = DueDate, required = false)]
    due_at: Option<DueDate>,
    /// All that is wanted. A line that asks for what is asked for already stays as it is, the others are withdrawn.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<WantedLine>, required = false, min_items = 1, max_items = 20)]
    lines: Option<Vec<WantedLine>>,
}

/// Ask for something else, until the first decision; the rules judge it anew
#[utoipa::path(
    patch,
    path = "/v1/requisitions/{id}",
    operation_id = "edit_requisition",
    tag = "requisitions",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the same answer for 48 hours")
    ),
    request_body = RequisitionEdit,
    responses(
        (status = 200, body = RequisitionView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, member-role-not-allowed, not-a-member"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "not-editable, project-not-active, no-free-unit, overdue-loans"),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input"),
        (status = 428, body = crate::problem::ProblemBody, description = "precondition-required")
    )
)]
pub(crate) async fn edit(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<RequisitionId>,
    if_match: IfMatch,
    Post { body, exchange }: Post<RequisitionEdit>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let dossier = load_locked(&mut effect, id).await?;
    let requisition = &dossier.requisition;
    let member = projects::find_role(effect.conn(), requisition.project_id, caller.user_id).await?;
    caller.check("requisition", member, requisition.requester_id == caller.user_id)?;
    if_match.check("requisition", requisition.edition)?;
    dossier.check_edit()?;
    if body.names_nothing() {
        return finish(effect, caller, id, &Change::default()).await;
    }
    let standing = projects::find_standing(effect.conn(), requisition.project_id, requisition.requester_id).await?;
    let checked = check(&body, &dossier, app.lab_timezone)?;
    let asker = load_asker(effect.conn(), &dossier).await?;
    let editors = load_editors(effect.conn(), &dossier, caller).await?;
    let prepared = prepare(effect.conn(), asker, &checked, standing, Some(id)).await;
    let prepared = prepared.map_err(|problem| hide_overdue(problem, asker, caller))?;
    let mut submission = Submission { editors, ..prepared };
    if dossier.asks_for(&submission) {
        return finish(effect, caller, id, &dossier.edit(caller.user_id, &submission)?).await;
    }
    if !submission.needs_approval()
        && let Err(refused) = promise_units(effect.conn(), &mut submission).await
    {
        drop(effect);
        return Err(remember(&app, &Refused::submission(&submission), refused).await);
    }
    let mut change = dossier.edit(caller.user_id, &submission)?;
    change.append(kept::take(effect.conn(), &submission, id).await?);
    finish(effect, caller, id, &change).await
}

impl RequisitionEdit {
    fn names_nothing(&self) -> bool {
        let Self { purpose, starts_at, due_at, lines } = self;
        purpose.is_none() && starts_at.is_none() && due_at.is_none() && lines.is_none()
    }
}

/// The rules ask who requested it, and who has edited it.
async fn load_asker(conn: &mut PgConnection, dossier: &Dossier) -> Result<Asker, Problem> {
    let user_id = dossier.requisition.requester_id;
    let found = users::find(conn, user_id).await?.ok_or_else(|| Problem::not_found("requester"))?;
    Ok(Asker { user_id, role: found.user.role })
}

async fn load_editors(
    conn: &mut PgConnection,
    dossier: &Dossier,
    caller: Caller,
) -> Result<Vec<(UserId, Role)>, Problem> {
    let mut editors = vec![(caller.user_id, caller.role)];
    for editor in &dossier.requisition.editors {
        editors.extend(users::find(conn, *editor).await?.map(|found| (*editor, found.user.role)));
    }
    Ok(editors)
}

/// What somebody keeps too long, perhaps for other projects, is no matter of a leader who edits for them.
fn hide_overdue(problem: Problem, asker: Asker, caller: Caller) -> Problem {
    if problem.kind() != ProblemType::OverdueLoans || asker.user_id == caller.user_id {
        return problem;
    }
    let detail = "whoever requested it has units that are overdue and have to come back first";
    Problem::new(ProblemType::OverdueLoans, detail)
}

fn check(body: &RequisitionEdit, dossier: &Dossier, zone: Tz) -> Result<Checked, Problem> {
    let mut invalid = Invalid::default();
    let requisition = &dossier.requisition;
    let purpose = match &body.purpose {
        Some(purpose) => invalid.check("/purpose", Purpose::parse(purpose)),
        None => Some(requisition.purpose.clone()),
    };
    let due_at = body.due_at.map(|due| due.moment(zone).ok_or(PeriodRefused::TooLong)).transpose();
    let period = due_at.and_then(|due_at| requisition.period.edited(body.starts_at, due_at, dossier.now));
    let period = invalid.check(field_of(&period), period);
    let lines = match &body.lines {
        Some(lines) => check_lines(&mut invalid, lines),
        None => dossier.standing_lines().map(as_asked).collect(),
    };
    invalid.into_result()?;
    let (Some(purpose), Some(period)) = (purpose, period) else {
        return Err(Problem::internal("an input without a field was not noted as invalid"));
    };
    Ok(Checked { project_id: requisition.project_id, purpose, period, lines })
}

fn as_asked(line: &Line) -> CheckedLine {
    match line.equipment_id {
        Some(unit) => CheckedLine::Unit(unit),
        None => CheckedLine::AnyUnit { model: line.model_id, quantity: line.quantity },
    }
}

impl Refusal for EditRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::Over(_) | Self::PartlyDecided | Self::GoesThrough => ProblemType::NotEditable,
            Self::Submit(refused) => refused.kind(),
        }
    }
}
