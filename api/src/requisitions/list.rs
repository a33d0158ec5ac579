//! `GET /v1/requisitions`: the newest first, as far as the caller may see them.

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
        id::{ProjectId, UserId},
        requisition::RequisitionStatus,
    },
    store::{
        page::After,
        requisition_reads::{self, RequisitionFilter},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
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
    /// Part of the number.
    q: Option<String>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
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
    let rows = requisition_reads::list(&mut conn, caller.viewer(), &filter, page).await?;
    let position = |row: &requisition_reads::RequisitionSummary| After { created_at: row.created_at, id: row.id.0 };
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
