//! `GET /v1/equipment-models/{id}/equipment`: the units of a model.

use super::view::{UnitView, load};
use crate::{
    http::{caller::Caller, params::Id},
    problem::Problem,
    state::AppState,
};
use axum::{Json, extract::State};
use makerlab_shared::{domain::id::ModelId, store::catalogue_reads};

/// The units of a model, by tag.
#[utoipa::path(
    get,
    path = "/v1/equipment-models/{id}/equipment",
    operation_id = "list_units",
    tag = "equipment",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<UnitView>), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn list_units(
    State(app): State<AppState>,
    _: Caller,
    Id(id): Id<ModelId>,
) -> Result<Json<Vec<UnitView>>, Problem> {
    let mut conn = app.pool.acquire().await?;
    load(&mut conn, id).await?;
    let units = catalogue_reads::list_units(&mut conn, id).await?;
    Ok(Json(units.into_iter().map(Into::into).collect()))
}
