//! `POST /v1/requisitions`: recorded, with its units promised where nobody must decide. Snipe-IT follows.

use super::{
    kept, overdue,
    period::period_of,
    units::{Choice, choose},
    unmet::{Refused, remember},
    view,
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        due::DueDate,
        exchange::{Begun, Post},
        input::Invalid,
    },
    problem::{Problem, ProblemType, Refusal},
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use makerlab_shared::{
    domain::{
        id::{EquipmentId, ModelId, ProjectId, RequisitionId, UserId},
        project::ProjectStatus,
        requisition::{
            MAX_LINES, MAX_QUANTITY, NewLine, Period, PromisedLine, Purpose, Submission, SubmitRefused,
            submit as record,
        },
        user::Role,
    },
    store::{
        approval_rules,
        catalogue_reads::{self, Wanted},
        deputies,
        projects::{self, Standing},
        quotas::{self, Former},
        shelf,
    },
};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRequisition {
    pub(super) project_id: Uuid,
    /// What the equipment is for.
    #[schema(min_length = 1, max_length = 2000)]
    purpose: String,
    /// When it is needed; left out: now.
    starts_at: Option<DateTime<Utc>>,
    /// When it will be given back: an instant, or a day of the lab, which means its end.
    due_at: DueDate,
    #[schema(min_items = 1, max_items = 20)]
    lines: Vec<WantedLine>,
}

/// Either any units of a model, or one unit by its id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedLine {
    model_id: Option<Uuid>,
    /// How many units of the model; 1 if left out.
    #[schema(minimum = 1, maximum = 50)]
    quantity: Option<i64>,
    equipment_id: Option<Uuid>,
}

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Asker {
    pub(super) user_id: UserId,
    pub(super) role: Role,
}

/// The body, as far as it can be checked without asking anybody.
pub(super) struct Checked {
    pub(super) project_id: ProjectId,
    pub(super) purpose: Purpose,
    pub(super) period: Period,
    pub(super) lines: Vec<CheckedLine>,
}

#[derive(Clone, Copy)]
pub(super) enum CheckedLine {
    AnyUnit { model: ModelId, quantity: i32 },
    Unit(EquipmentId),
}

/// Ask for equipment.
#[utoipa::path(
    post,
    path = "/v1/requisitions",
    operation_id = "submit_requisition",
    tag = "requisitions",
    request_body = NewRequisition,
    responses(
        (status = 202, body = view::RequisitionView, headers(("Location" = String), ("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "not-a-member, member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "project-not-active, no-free-unit, overdue-loans"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    Post { body, exchange }: Post<NewRequisition>,
) -> Result<Answer, Problem> {
    // Before the body is checked: what was answered once is answered again, although its start has passed meanwhile.
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let standing = projects::find_standing(effect.conn(), ProjectId(body.project_id), caller.user_id).await?;
    let checked = check(body, standing.now, app.lab_timezone)?;
    let asker = Asker { user_id: caller.user_id, role: caller.role };
    let mut submission = prepare(effect.conn(), asker, &checked, standing, None).await?;
    if !submission.needs_approval()
        && let Err(refused) = promise_units(effect.conn(), &mut submission).await
    {
        drop(effect);
        return Err(remember(&app, &Refused::submission(&submission), refused).await);
    }
    let (id, mut change) = record(submission.clone())?;
    change.append(kept::take(effect.conn(), &submission, id).await?);
    effect.commit(&change).await?;
    let view = view::load(effect.conn(), id, caller.viewer()).await?;
    let answer = Answer::tagged(StatusCode::ACCEPTED, &view)?.at(view::location(id));
    effect.finish(answer).await
}

/// Everything that must be known but which units are free. `instead_of`: the requisition that is about to ask for this.
pub(super) async fn prepare(
    conn: &mut PgConnection,
    asker: Asker,
    checked: &Checked,
    standing: Standing,
    instead_of: Option<RequisitionId>,
) -> Result<Submission, Problem> {
    let project_status = standing.project_status;
    let project_status =
        project_status.ok_or_else(|| Problem::invalid_field("/project_id", "no project has this id"))?;
    let mut submission = without_lines(asker, checked, standing, project_status);
    submission.check()?;
    overdue::check(conn, asker.user_id, submission.now).await?;
    submission.lines = find_lines(conn, &checked.lines).await?;
    let former = instead_of.map(Former::Requisition);
    submission.quotas = quotas::measure_for_update(conn, checked.project_id, asker.user_id, former).await?;
    submission.rules = approval_rules::list(conn).await?;
    submission.supervisors = projects::list_supervisors(conn, checked.project_id).await?;
    submission.deputies = deputies::list_of_project(conn, checked.project_id).await?;
    Ok(submission)
}

fn without_lines(asker: Asker, checked: &Checked, standing: Standing, project_status: ProjectStatus) -> Submission {
    Submission {
        now: standing.now,
        project_id: checked.project_id,
        project_status,
        requester_id: asker.user_id,
        requester_is_matched: standing.requester_is_matched,
        requester_role: asker.role,
        editors: Vec::new(),
        member_role: standing.member_role,
        purpose: checked.purpose.clone(),
        period: checked.period,
        lines: Vec::new(),
        quotas: Vec::new(),
        rules: Vec::new(),
        supervisors: Vec::new(),
        deputies: Vec::new(),
    }
}

async fn find_lines(conn: &mut PgConnection, lines: &[CheckedLine]) -> Result<Vec<PromisedLine>, Problem> {
    let (mut models, mut units) = (Vec::new(), Vec::new());
    for line in lines {
        match *line {
            CheckedLine::AnyUnit { model, .. } => models.push(model),
            CheckedLine::Unit(unit) => units.push(unit),
        }
    }
    let wanted = catalogue_reads::list_wanted(conn, &models, &units).await?;
    let mut invalid = Invalid::default();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match new_line(*line, &wanted) {
            Ok(line) => found.push(PromisedLine { line, units: Vec::new() }),
            Err((field, detail)) => invalid.note(format!("/lines/{index}/{field}"), detail),
        }
    }
    invalid.into_result()?;
    Ok(found)
}

fn new_line(line: CheckedLine, wanted: &[Wanted]) -> Result<NewLine, (&'static str, &'static str)> {
    let (found, quantity) = match line {
        CheckedLine::AnyUnit { model, quantity } => {
            let found = wanted.iter().find(|wanted| wanted.equipment_id.is_none() && wanted.model_id == model);
            (found.ok_or(("model_id", "no model that can be lent has this id"))?, quantity)
        }
        CheckedLine::Unit(unit) => {
            let found = wanted.iter().find(|wanted| wanted.equipment_id == Some(unit));
            (found.ok_or(("equipment_id", "no unit that can be lent has this id"))?, 1)
        }
    };
    Ok(NewLine {
        model_id: found.model_id,
        approval: found.approval,
        category: found.category.clone(),
        unit_cost: found.unit_cost,
        equipment_id: found.equipment_id,
        quantity,
    })
}

pub(super) async fn promise_units(conn: &mut PgConnection, submission: &mut Submission) -> Result<(), Problem> {
    let choices = submission.lines.iter().map(|promised| Choice::from(&promised.line));
    let asker = shelf::Asker { user: submission.requester_id, project: submission.project_id };
    let chosen = choose(conn, asker, submission.period, &choices.collect::<Vec<_>>()).await?;
    for (promised, units) in submission.lines.iter_mut().zip(chosen) {
        promised.units = units;
    }
    Ok(())
}

pub(super) fn check(body: NewRequisition, now: DateTime<Utc>, zone: Tz) -> Result<Checked, Problem> {
    let mut invalid = Invalid::default();
    let purpose = invalid.check("/purpose", Purpose::parse(&body.purpose));
    let period = period_of(&mut invalid, body.starts_at, body.due_at, now, zone);
    let lines = check_lines(&mut invalid, &body.lines);
    invalid.into_result()?;
    let (Some(purpose), Some(period)) = (purpose, period) else {
        return Err(Problem::internal("an input without a field was not noted as invalid"));
    };
    Ok(Checked { project_id: ProjectId(body.project_id), purpose, period, lines })
}

pub(super) fn check_lines(invalid: &mut Invalid, lines: &[WantedLine]) -> Vec<CheckedLine> {
    if lines.is_empty() || lines.len() > MAX_LINES {
        invalid.note("/lines", format!("must have between 1 and {MAX_LINES} lines"));
    }
    let mut checked = Vec::new();
    for (index, line) in lines.iter().take(MAX_LINES).enumerate() {
        match check_line(line) {
            Ok(line) => checked.push(line),
            Err((field, detail)) => invalid.note(format!("/lines/{index}{field}"), detail),
        }
    }
    checked
}

fn check_line(line: &WantedLine) -> Result<CheckedLine, (&'static str, String)> {
    let quantity = i32::try_from(line.quantity.unwrap_or(1)).ok().filter(|n| (1..=MAX_QUANTITY).contains(n));
    let quantity = quantity.ok_or_else(|| ("/quantity", format!("must be between 1 and {MAX_QUANTITY}")))?;
    match (line.model_id, line.equipment_id) {
        (Some(model), None) => Ok(CheckedLine::AnyUnit { model: ModelId(model), quantity }),
        (None, Some(unit)) if quantity == 1 => Ok(CheckedLine::Unit(EquipmentId(unit))),
        (None, Some(_)) => Err(("/quantity", "must be 1 for a unit that is named".to_owned())),
        (Some(_), Some(_)) | (None, None) => Err(("", "must name either a model_id or an equipment_id".to_owned())),
    }
}

impl Refusal for SubmitRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::NotAMember => ProblemType::NotAMember,
            Self::RoleMayNotRequest => ProblemType::MemberRoleNotAllowed,
            Self::ProjectNotActive(_) => ProblemType::ProjectNotActive,
        }
    }
}
