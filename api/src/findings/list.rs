//! `GET /v1/findings`.

use super::view::FindingView;
use crate::{
    http::{
        paging::{Listed, PageParams},
        params::Query,
        words,
    },
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::finding::{FindingKind, FindingState},
    store::{
        findings::{self, FindingFilter},
        page::After,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingParams {
    #[param(schema_with = words::finding_state)]
    state: Option<FindingState>,
    #[param(schema_with = words::finding_kind)]
    kind: Option<FindingKind>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// What needs a person, the newest first.
#[utoipa::path(
    get,
    path = "/v1/findings",
    operation_id = "list_findings",
    tag = "findings",
    params(FindingParams),
    responses((status = 200, body = Listed<FindingView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    Query(params): Query<FindingParams>,
) -> Result<Json<Listed<FindingView>>, Problem> {
    let filter = FindingFilter { state: params.state, kind: params.kind };
    let paging = PageParams { cursor: params.cursor, limit: params.limit };
    let page = paging.page()?;
    let mut conn = app.pool.acquire().await?;
    let rows = findings::list(&mut conn, filter, page).await?;
    let position = |row: &findings::Finding| After { created_at: row.created_at, id: row.id.0 };
    Ok(Json(paging.listed(rows, position, Into::into)?))
}
