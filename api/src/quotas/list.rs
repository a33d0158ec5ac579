//! `GET /v1/quotas`: the rules are no secret.

use super::view::QuotaView;
use crate::{problem::Problem, state::AppState};
use axum::{Json, extract::State};
use makerlab_shared::store::quotas;

/// The quotas that hold.
#[utoipa::path(
    get,
    path = "/v1/quotas",
    operation_id = "list_quotas",
    tag = "quotas",
    responses((status = 200, body = Vec<QuotaView>))
)]
pub(crate) async fn list(State(app): State<AppState>) -> Result<Json<Vec<QuotaView>>, Problem> {
    let mut conn = app.pool.acquire().await?;
    Ok(Json(quotas::list(&mut conn).await?.into_iter().map(Into::into).collect()))
}
