//! `GET /v1/equipment-models/{id}`.

use super::view::{ModelView, load};
use crate::{
    http::{caller::Caller, params::Id},
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::domain::id::ModelId;

/// One model.
#[utoipa::path(
    get,
    path = "/v1/equipment-models/{id}",
    operation_id = "read_model",
    tag = "equipment",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ModelView), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn read(
    State(app): State<AppState>,
    _: Caller,
    Id(id): Id<ModelId>,
) -> Result<Json<ModelView>, Problem> {
    let mut conn = app.pool.acquire().await?;
    Ok(Json(load(&mut conn, id).await?.into()))
}
