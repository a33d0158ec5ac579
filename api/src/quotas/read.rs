//! `GET /v1/quotas/{id}`: also one that was removed.

use super::view::{QuotaView, load};
use crate::{
    http::{params::Id, precondition::Tagged},
    problem::Problem,
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::domain::id::QuotaId;

/// One quota.
#[utoipa::path(
    get,
    path = "/v1/quotas/{id}",
    operation_id = "read_quota",
    tag = "quotas",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = QuotaView, headers(("ETag" = String))),
        (status = 404, body = crate::problem::ProblemBody)
    )
)]
pub(crate) async fn read(State(app): State<AppState>, Id(id): Id<QuotaId>) -> Result<Tagged<QuotaView>, Problem> {
    let mut conn = app.pool.acquire().await?;
    let quota = load(&mut conn, id).await?;
    Ok(Tagged { version: quota.version, body: quota.into() })
}
