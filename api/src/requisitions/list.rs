//! `GET /v1/requisitions`: the newest first, or what waits by when it is needed, as far as the caller may see them.

use super::view::RequisitionHead;
use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams, malformed},
        params::Query,
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::{
        approval::Stage,
        id::{ProjectId, UserId},
        requisition::RequisitionStatus,
    },
    store::{
        page::After,
        requisition_queue::{WaitingFor, list_waiting},
        requisition_summaries::{self, RequisitionFilter, RequisitionSummary},
    },
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequisitionParams {
    #[param(schema_with = words::requisition_status)]
    status: Option<RequisitionStatus>,
    project_id: Option<Uuid>,
    /// A user's id, or `me`.
    requester_id: Option<String>,
    /// Only what waits for a decision: `me`, mine; `technician` or `supervisor`, whoever it is. What is needed first comes
    /// first then.
    #[param(inline)]
    waiting_for: Option<Waiting>,
    /// Part of the number.
    q: Option<String>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Waiting {
    Me,
    Technician,
    Supervisor,
}

/// Requisitions.
#[utoipa::path(
    get,
    path = "/v1/requisitions",
    operation_id = "list_requisitions",
    tag = "requisitions",
    params(RequisitionParams),
    responses((status = 200, body = Listed<RequisitionHead>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(params): Query<RequisitionParams>,
) -> Result<Json<Listed<RequisitionHead>>, Problem> {
    let filter = RequisitionFilter {
        status: params.status,
        project: params.project_id.map(ProjectId),
        requester: params.requester_id.as_deref().map(|who| user_or_me("requester_id", who, caller)).transpose()?,
        number_part: params.q.map(searchable).transpose()?,
    };
    let paging = PageParams { cursor: params.cursor, limit: params.limit };
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let viewer = caller.viewer();
    let (rows, by_need) = match params.waiting_for {
        None => (requisition_summaries::list(&mut conn, viewer, &filter, page).await?, false),
        Some(waiting) => (list_waiting(&mut conn, viewer, waiting.into(), &filter, page).await?, true),
    };
    let position = |row: &RequisitionSummary| {
        let created_at = if by_need { row.starts_at } else { row.created_at };
        After { created_at, id: row.id.0 }
    };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}

pub(crate) fn user_or_me(field: &str, text: &str, caller: Caller) -> Result<UserId, Problem> {
    match text {
        "me" => Ok(caller.user_id),
        id => id.parse().map_err(|_| malformed(field, "must be `me` or the UUID of a user")),
    }
}

/// PostgreSQL has no word for NUL.
pub(crate) fn searchable(text: String) -> Result<String, Problem> {
    if text.contains('\0') { Err(malformed("q", "contains a control character")) } else { Ok(text) }
}

impl From<Waiting> for WaitingFor {
    fn from(waiting: Waiting) -> Self {
        match waiting {
            Waiting::Me => Self::Viewer,
            Waiting::Technician => Self::Anybody(Stage::Technician),
            Waiting::Supervisor => Self::Anybody(Stage::Supervisor),
        }
    }
}
