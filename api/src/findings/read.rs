//! `GET /v1/findings/{id}`: one finding with its evidence.

use super::view::{FindingDetail, load_detail};
use crate::{http::params::Id, problem::Problem, state::AppState};
use axum::{Json, extract::State};
use makerlab_shared::domain::id::FindingId;

/// One finding with its evidence.
#[utoipa::path(
    get,
    path = "/v1/findings/{id}",
    operation_id = "read_finding",
    tag = "findings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = FindingDetail), (status = 404, body = crate::problem::ProblemBody))
)]
pub(crate) async fn read(State(app): State<AppState>, Id(id): Id<FindingId>) -> Result<Json<FindingDetail>, Problem> {
    let mut conn = app.pool.acquire().await?;
    Ok(Json(load_detail(&mut conn, id).await?))
}
