//! `GET /v1/waiting-list`.

use super::view::WaitingEntryView;
use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams},
        params::Query,
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::{id::ModelId, waiting_list::WaitingStatus},
    store::{
        page::After,
        waiting_list::{self, EntryFilter, ListedEntry},
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitingParams {
    model_id: Option<Uuid>,
    #[param(schema_with = words::waiting_status)]
    status: Option<WaitingStatus>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// Who waits for what, the newest first.
#[utoipa::path(
    get,
    path = "/v1/waiting-list",
    operation_id = "list_waiting_list",
    tag = "waiting list",
    params(WaitingParams),
    responses((status = 200, body = Listed<WaitingEntryView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(params): Query<WaitingParams>,
) -> Result<Json<Listed<WaitingEntryView>>, Problem> {
    let filter = EntryFilter { id: None, model: params.model_id.map(ModelId), status: params.status };
    let paging = PageParams { cursor: params.cursor, limit: params.limit };
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = waiting_list::list(&mut conn, caller.viewer(), &filter, page).await?;
    let position = |row: &ListedEntry| After { created_at: row.created_at, id: row.entry.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}
