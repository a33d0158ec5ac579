//! `GET /v1/equipment-models/{id}/availability`: how many units are free when, and why the others are not.

use crate::{
    http::{
        caller::Caller,
        params::{Id, Query},
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use makerlab_shared::{
    domain::{
        availability::{FreeUnits, StepLength, WindowRefused, count, steps},
        id::ModelId,
        requisition::Period,
    },
    store::{catalogue_reads::find_as_of, shelf},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AvailabilityParams {
    /// An instant with its offset, like `2026-12-01T09:00:00Z`, from today on.
    from: DateTime<Utc>,
    /// An instant later than `from`: by 14 days at most in steps of hours, by 92 days of the lab in steps of days.
    to: DateTime<Utc>,
    /// Hours from `from` on, or the days of the lab that the window touches, each as a whole; days if left out.
    #[param(schema_with = words::step_length)]
    step: Option<StepLength>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AvailabilityView {
    model_id: Uuid,
    #[schema(schema_with = words::step_length)]
    step: StepLength,
    /// The lab's, whose days these are.
    #[schema(example = "Europe/Lisbon")]
    time_zone: &'static str,
    /// When Snipe-IT was asked for the oldest part of this.
    as_of: DateTime<Utc>,
    age_seconds: i64,
    /// From the start of the first step to the end of the last one.
    throughout: StepView,
    steps: Vec<StepView>,
}

/// Every unit that Snipe-IT lists counts once. Free is what is free for the whole step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepView {
    starts_at: DateTime<FixedOffset>,
    ends_at: DateTime<FixedOffset>,
    total: usize,
    free: usize,
    /// Out for a part of it, or with somebody whom the lab did not lend it to.
    lent: usize,
    /// Promised to somebody for a part of it.
    promised: usize,
    /// Kept for somebody on the waiting list for a part of it.
    held: usize,
    /// Due and not back: not free until it is.
    overdue: usize,
    /// Resting between two loans.
    buffer: usize,
    /// Its label in Snipe-IT does not allow lending.
    out_of_order: usize,
}

/// How many units are free when, and why the others are not.
#[utoipa::path(
    get,
    path = "/v1/equipment-models/{id}/availability",
    operation_id = "read_availability",
    tag = "equipment",
    params(("id" = Uuid, Path), AvailabilityParams),
    responses(
        (status = 200, body = AvailabilityView),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn availability(
    State(app): State<AppState>,
    _: Caller,
    Id(id): Id<ModelId>,
    Query(params): Query<AvailabilityParams>,
) -> Result<Json<AvailabilityView>, Problem> {
    let (zone, length) = (app.lab_timezone, params.step.unwrap_or(StepLength::Day));
    let mut conn = app.pool.acquire().await?;
    let as_of = find_as_of(&mut conn, id).await?.ok_or_else(|| Problem::not_found("equipment model"))?;
    let rules = shelf::load_rules(&mut conn).await?;
    let steps = steps(params.from, params.to, length, zone, rules.now).map_err(refused)?;
    let plans = shelf::list_plans(&mut conn, id, None).await?;
    let view = |period: Period| StepView::of(period, plans.len(), count(&plans, period, &rules), zone);
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return Err(Problem::internal("a window without a step was not refused"));
    };
    Ok(Json(AvailabilityView {
        model_id: id.0,
        step: length,
        time_zone: zone.name(),
        as_of,
        age_seconds: (Utc::now() - as_of).num_seconds().max(0),
        throughout: view(Period { starts_at: first.starts_at, due_at: last.due_at }),
        steps: steps.into_iter().map(view).collect(),
    }))
}

fn refused(refused: WindowRefused) -> Problem {
    let parameter = match refused {
        WindowRefused::InThePast => "from",
        WindowRefused::EndsBeforeStart
        | WindowRefused::TooFarAhead
        | WindowRefused::TooManyHours
        | WindowRefused::TooManyDays => "to",
    };
    Problem::invalid_field(parameter, refused.to_string())
}

impl StepView {
    fn of(period: Period, total: usize, units: FreeUnits, zone: Tz) -> Self {
        let local = |moment: DateTime<Utc>| moment.with_timezone(&zone).fixed_offset();
        Self {
            starts_at: local(period.starts_at),
            ends_at: local(period.due_at),
            total,
            free: units.free,
            lent: units.lent,
            promised: units.promised,
            held: units.held,
            overdue: units.overdue,
            buffer: units.buffer,
            out_of_order: units.out_of_order,
        }
    }
}
