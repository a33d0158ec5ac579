//! `GET /v1/status`: what waits, what is paused and since when, as PostgreSQL knows it.

use crate::{
    http::{caller::Caller, words},
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDateTime, Utc};
use makerlab_shared::{
    domain::job::Lane,
    relay::BrokerState,
    store::{
        budget,
        jobs::{self, LaneBacklog},
        link::{self, Pause},
        status::{self, Comparison},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusView {
    broker: BrokerView,
    snipeit: SnipeitView,
    lanes: Vec<LaneView>,
    /// Operations of which nobody knows yet whether they took effect.
    operations_unknown: i64,
    findings_open: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct BrokerView {
    is_connected: bool,
    /// Why not.
    reason: Option<String>,
    /// Since when the second bell does all the work.
    away_since: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SnipeitView {
    is_paused: bool,
    pause_cause: Option<String>,
    paused_since: Option<DateTime<Utc>>,
    /// Calls left in the present window, for all workers together; null: none are counted, or no worker has started yet.
    budget_left: Option<i32>,
    catalogue_synced_at: Option<DateTime<Utc>>,
    swept_at: Option<DateTime<Utc>>,
    /// Rows of Snipe-IT's that cannot be understood; an open finding `rows_unreadable` tells which. 0 is right.
    rows_unreadable: i64,
    /// Null: no full sync has ended well yet.
    comparison: Option<ComparisonView>,
}

/// The latest full sync beside what sweeps had brought until then.
#[derive(Debug, Serialize, ToSchema)]
struct ComparisonView {
    at: DateTime<Utc>,
    /// Assets that were known before.
    compared: i64,
    /// How many of them had changed before the last sweep, which did not bring it; 0 is right.
    missed: i64,
    /// Some of those.
    differences: Vec<DifferenceView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DifferenceView {
    snipeit_asset_id: i64,
    /// What differed, like `holder` or `label`.
    fields: Vec<String>,
    /// Wall time of the Snipe-IT server.
    changed_at: NaiveDateTime,
}

#[derive(Debug, Serialize, ToSchema)]
struct LaneView {
    #[schema(schema_with = words::lane)]
    lane: Lane,
    /// Jobs that could be run now.
    due: i64,
    /// Jobs that wait for their time.
    waiting: i64,
    /// Jobs set aside for a person.
    dead: i64,
    oldest_due_seconds: f64,
}

/// Broker, Snipe-IT, lanes.
#[utoipa::path(
    get,
    path = "/v1/status",
    operation_id = "read_status",
    tag = "about", responses((status = 200, body = StatusView))
)]
pub(crate) async fn read(State(app): State<AppState>, _: Caller) -> Result<Json<StatusView>, Problem> {
    let mut conn = app.pool.acquire().await?;
    let link = link::load(&mut conn).await?;
    let questions = status::load_open_questions(&mut conn).await?;
    let comparison = status::find_comparison(&mut conn).await?.map(Into::into);
    let budget_left = budget::find_left(&mut conn).await?;
    let lanes = jobs::list_backlog(&mut conn).await?;
    let (pause_cause, paused_since) = link.pause.map(|Pause { cause, since }| (cause, since)).unzip();
    let snipeit = SnipeitView {
        is_paused: pause_cause.is_some(),
        pause_cause,
        paused_since,
        budget_left,
        catalogue_synced_at: questions.catalogue_synced_at,
        swept_at: questions.swept_at,
        rows_unreadable: questions.rows_unreadable,
        comparison,
    };
    let (operations_unknown, findings_open) = (questions.operations_unknown, questions.findings_open);
    let lanes = lanes.into_iter().map(Into::into).collect();
    Ok(Json(StatusView { broker: broker(app.relay.state()), snipeit, lanes, operations_unknown, findings_open }))
}

fn broker(state: BrokerState) -> BrokerView {
    match state {
        BrokerState::Connected => BrokerView { is_connected: true, reason: None, away_since: None },
        BrokerState::Down { reason, since } => {
            BrokerView { is_connected: false, reason: Some(reason), away_since: Some(since) }
        }
    }
}

impl From<LaneBacklog> for LaneView {
    fn from(backlog: LaneBacklog) -> Self {
        Self {
            lane: backlog.lane,
            due: backlog.due,
            waiting: backlog.waiting,
            dead: backlog.dead,
            oldest_due_seconds: backlog.oldest_due_seconds,
        }
    }
}

impl From<Comparison> for ComparisonView {
    fn from(comparison: Comparison) -> Self {
        let differences = comparison.differences.into_iter().map(|missed| DifferenceView {
            snipeit_asset_id: missed.snipeit_asset_id.0,
            fields: missed.fields,
            changed_at: missed.changed_at,
        });
        Self {
            at: comparison.at,
            compared: comparison.compared,
            missed: comparison.missed,
            differences: differences.collect(),
        }
    }
}
