//! `POST /v1/waiting-list`: a place in the line for units of a model in a period.

use super::view::{WaitingEntryView, load};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        due::DueDate,
        exchange::{Begun, Post},
        input::Invalid,
    },
    problem::{Problem, ProblemType, Refusal},
    requisitions::{naming_units, period_of},
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        availability::count,
        id::{ModelId, ProjectId},
        requisition::MAX_QUANTITY,
        waiting_list::{JoinRefused, Joining, join as record},
    },
    store::{
        catalogue, catalogue_reads, overdue,
        projects::{self, Standing},
        shelf::{self, Asker},
    },
};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWaitingEntry {
    project_id: Uuid,
    model_id: Uuid,
    /// How many units, all of them or none; 1 if left out.
    #[schema(minimum = 1, maximum = 50)]
    quantity: Option<i64>,
    /// From when they are of use; left out: now.
    starts_at: Option<DateTime<Utc>>,
    /// Until when: an instant, or a day of the lab, which means its end.
    due_at: DueDate,
}

/// Wait for units that are not free.
#[utoipa::path(
    post,
    path = "/v1/waiting-list",
    operation_id = "join_waiting_list",
    tag = "waiting list",
    request_body = NewWaitingEntry,
    responses(
        (status = 201, body = WaitingEntryView),
        (status = 403, body = crate::problem::ProblemBody, description = "not-a-member, member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody,
            description = "project-not-active, overdue-loans (with the list), units-are-free, no-free-unit, already-waiting"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn join(
    State(app): State<AppState>,
    caller: Caller,
    Post { body, exchange }: Post<NewWaitingEntry>,
) -> Result<Answer, Problem> {
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let standing = projects::find_standing(effect.conn(), ProjectId(body.project_id), caller.user_id).await?;
    let joining = prepare(effect.conn(), &app, caller, &body, &standing).await?;
    let (id, change) = record(joining).map_err(refusal)?;
    effect.commit(&change).await?;
    let view = load(effect.conn(), id, caller).await?;
    effect.finish(Answer::new(StatusCode::CREATED, &view)?).await
}

async fn prepare(
    conn: &mut PgConnection,
    app: &AppState,
    caller: Caller,
    body: &NewWaitingEntry,
    standing: &Standing,
) -> Result<Joining, Problem> {
    let mut invalid = Invalid::default();
    let period = period_of(&mut invalid, body.starts_at, body.due_at, standing.now, app.lab_timezone);
    let quantity = i32::try_from(body.quantity.unwrap_or(1)).ok().filter(|n| (1..=MAX_QUANTITY).contains(n));
    let quantity = invalid.check("/quantity", quantity.ok_or_else(|| format!("must be between 1 and {MAX_QUANTITY}")));
    let project_status = invalid.check("/project_id", standing.project_status.ok_or("no project has this id"));
    let model = ModelId(body.model_id);
    let found = catalogue_reads::find_model(conn, model).await?.filter(|model| model.gone_at.is_none());
    invalid.check("/model_id", found.ok_or("no model that can be lent has this id"));
    invalid.into_result()?;
    let (Some(period), Some(quantity), Some(project_status)) = (period, quantity, project_status) else {
        return Err(Problem::internal("an input without a field was not noted as invalid"));
    };
    let project = ProjectId(body.project_id);
    // Nobody is sent to ask for what is about to be kept for those before them.
    catalogue::lock_for_choosing(conn, model).await?;
    let plans = shelf::list_plans(conn, model, Some(Asker { user: caller.user_id, project })).await?;
    let rules = shelf::load_rules(conn).await?;
    Ok(Joining {
        now: standing.now,
        overdue: overdue::find_standing(conn, caller.user_id).await?,
        project_id: project,
        project_status,
        member_role: standing.member_role,
        user_id: caller.user_id,
        model_id: model,
        quantity,
        period,
        free: count(&plans, period, &rules).free,
        total: plans.len(),
    })
}

fn refusal(refused: JoinRefused) -> Problem {
    match refused {
        JoinRefused::Overdue(overdue) => naming_units(overdue),
        refused => refused.into(),
    }
}

impl Refusal for JoinRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::NotAllowed(refused) => refused.kind(),
            Self::Overdue(refused) => refused.kind(),
            Self::UnitsAreFree(_) => ProblemType::UnitsAreFree,
            Self::TooMany(_) => ProblemType::NoFreeUnit,
        }
    }
}
