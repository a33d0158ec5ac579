//! `GET /v1/deputies`: who stood, stands or will stand in for whom.

use super::view::DeputyView;
use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams},
        params::Query,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::store::{
    deputies::{self, ListedDeputy},
    page::After,
};

/// Who decides in whose place, and who did, the newest first
#[utoipa::path(
    get,
    path = "/v1/deputies",
    operation_id = "list_deputies",
    tag = "users",
    params(PageParams),
    responses((status = 200, body = Listed<DeputyView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(paging): Query<PageParams>,
) -> Result<Json<Listed<DeputyView>>, Problem> {
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = deputies::list(&mut conn, caller.viewer(), page).await?;
    let position = |row: &ListedDeputy| After { created_at: row.created_at, id: row.deputy.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}
