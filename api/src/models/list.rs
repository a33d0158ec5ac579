//! `GET /v1/equipment-models`: by name.

use super::view::ModelView;
use crate::{
    http::{
        caller::Caller,
        paging::{Listed, PageParams, malformed},
        params::Query,
    },
    problem::Problem,
    requisitions::searchable,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{
    domain::id::ModelId,
    store::catalogue_reads::{self, ModelFilter},
};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelParams {
    /// Part of the name.
    q: Option<String>,
    /// `next_cursor` of the page before; left out for the first page.
    cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// What can be asked for, with free units and the age of that knowledge.
#[utoipa::path(
    get,
    path = "/v1/equipment-models",
    operation_id = "list_models",
    tag = "equipment",
    params(ModelParams),
    responses((status = 200, body = Listed<ModelView>))
)]
pub(crate) async fn list(
    State(app): State<AppState>,
    _: Caller,
    Query(params): Query<ModelParams>,
) -> Result<Json<Listed<ModelView>>, Problem> {
    let limit = PageParams { cursor: None, limit: params.limit }.limit()?;
    // The name of the last model is its position; its id is enough to find it again.
    let after: Option<ModelId> = params
        .cursor
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|_| malformed("cursor", "is none of ours; take next_cursor of the page before"))?;
    let filter = ModelFilter { id: None, name_part: params.q.map(searchable).transpose()? };
    let mut conn = app.pool.acquire().await?;
    let mut rows = catalogue_reads::list_models(&mut conn, &filter, after, limit + 1).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > wanted;
    rows.truncate(wanted);
    let next_cursor = rows.last().filter(|_| has_more).map(|last| last.model.id.to_string());
    Ok(Json(Listed { items: rows.into_iter().map(Into::into).collect(), next_cursor }))
}
